import type { ClientInfo } from "../protocol/publication.ts";

export const roles = ["driver", "staff", "admin"] as const;

/**
 * What a user may do in the shop and with the server: `admin` may also do what `staff` may; a
 * `driver` may report where the vehicle is that the token's `sub` names, and is no staff.
 */
export type Role = (typeof roles)[number];

/** Who a client is, as its connection token says. */
export interface Identity {
  /** The token's `sub`; "" for an anonymous client. */
  readonly user: string;
  /** The token's `info`, shown to others as `conn_info`. */
  readonly info?: unknown;
  /** The token's `role`; absent: none. */
  readonly role?: Role;
  /** Unix seconds; null: does not expire. */
  readonly expiresAt: number | null;
  readonly anonymous: boolean;
}

export const anonymous: Identity = { user: "", expiresAt: null, anonymous: true };

/** Whether this is a role of the shop's own people; undefined: none at all. */
export function isStaff(role: Role | undefined): boolean {
  return role === "staff" || role === "admin";
}

/** What others see of a client. */
export function clientInfo({ user, info }: Identity, client: string): ClientInfo {
  return { user, client, ...(info !== undefined && { conn_info: info }) };
}

/** Clients ask for a new token when the old one is over, so it must hold a little longer than that. */
const graceMs = 10_000;

/** @param expiresAt in Unix seconds; null: never. */
export function isOver(expiresAt: number | null): boolean {
  return expiresAt !== null && expiresAt * 1_000 + graceMs < Date.now();
}
