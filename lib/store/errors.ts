import type { OrderStatus } from "./events.ts";

/** Why it cannot be done, where a program may want to say so in words of its own. */
export type Reason =
  | { readonly reason: "not_enough"; readonly sku: string; readonly left: number }
  | { readonly reason: "wrong_step"; readonly orderStatus: OrderStatus }
  /** `now`: the time here, Unix milliseconds. */
  | { readonly reason: "future"; readonly now: number };

/** A request the shop cannot do, for a reason its sender may know: the message says which. */
export class StoreError extends Error {
  readonly reason: Reason | undefined;
  /** 400 wrong in itself, 404 not there, 409 not possible as things stand, 422 never possible, 503 try again. */
  readonly status: 400 | 404 | 409 | 422 | 503;

  constructor(status: StoreError["status"], message: string, reason?: Reason) {
    super(message);
    this.name = "StoreError";
    this.status = status;
    this.reason = reason;
  }
}
