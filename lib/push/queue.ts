/**
 * New orders that are still to be pushed, in Deno KV: each is taken in once, and taken out by one
 * isolate, a few seconds after anyone last did.
 *
 *     ["push", "known", order]   → true         it was taken in; expires
 *     ["push", "waiting", order] → OrderNews
 *     ["push", "turn"]           → { until }    nobody takes any out before then
 */
import { retryLocked } from "../kv/retry.ts";
import type { OrderNews } from "./texts.ts";

const keys = {
  known: (order: string) => ["push", "known", order],
  waiting: (order: string) => ["push", "waiting", order],
  allWaiting: ["push", "waiting"],
  turn: ["push", "turn"],
} as const;

/** An order that is older is no news. */
export const newsMs = 5 * 60_000;
/** Whatever publishes an order again does so within this time, or it is old. */
const knownMs = 3 * newsMs;
/** Taken out at a time; a commit may have a thousand changes. */
const most = 500;

export type Taken =
  | { readonly name: "taken"; readonly orders: readonly OrderNews[] }
  | { readonly name: "none" }
  /** It is another's turn. */
  | { readonly name: "later"; readonly waitMs: number };

interface Turn {
  readonly until: number;
}

export class Queue {
  readonly #kv: Deno.Kv;
  readonly #now: () => number;

  constructor(kv: Deno.Kv, now: () => number) {
    this.#kv = kv;
    this.#now = now;
  }

  /** False: it is known already, or too old. */
  async add(order: OrderNews): Promise<boolean> {
    if (order.placedAt < this.#now() - newsMs) return false;
    const known = keys.known(order.id);
    const { ok } = await retryLocked(() =>
      this.#kv.atomic()
        .check({ key: known, versionstamp: null })
        .set(known, true, { expireIn: knownMs })
        .set(keys.waiting(order.id), order, { expireIn: newsMs })
        .commit()
    );
    return ok;
  }

  /** All that wait, oldest first, unless that was done in the last `paceMs`. */
  async take(paceMs: number): Promise<Taken> {
    const now = this.#now();
    const turn = await this.#kv.get<Turn>(keys.turn);
    const waitMs = (turn.value?.until ?? 0) - now;
    // One much further ahead is of another machine's clock.
    if (waitMs > 0 && waitMs <= 2 * paceMs) return { name: "later", waitMs };
    const waiting = await this.#waiting();
    if (waiting.length === 0) return { name: "none" };
    const write = this.#kv.atomic().check(turn)
      .set([...keys.turn], { until: now + paceMs } satisfies Turn, { expireIn: 10 * paceMs });
    for (const { id } of waiting) write.delete(keys.waiting(id));
    if (!(await retryLocked(() => write.commit())).ok) return { name: "later", waitMs: paceMs };
    const orders = waiting.filter(({ placedAt }) => placedAt >= now - newsMs)
      .sort((a, b) => a.placedAt - b.placedAt);
    return { name: "taken", orders };
  }

  async #waiting(): Promise<OrderNews[]> {
    const found: OrderNews[] = [];
    const selector = { prefix: [...keys.allWaiting] };
    const rows = this.#kv.list<OrderNews>(selector, { limit: most, batchSize: most });
    for await (const { value } of rows) found.push(value);
    return found;
  }
}
