import type { Refusal } from "./api.ts";

/** @param code of the protocol (PROTOCOL.md 2.3); 0: the client's own. */
export function refusal(code: number, message: string): Refusal {
  return Object.assign(new Error(message), { code });
}
