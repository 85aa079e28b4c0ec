/** The shop's new orders and who is pushed, with time in the test's hand. */
import { openPush, type Push } from "../../lib/push/mod.ts";
import { makeVapidKeys } from "../../lib/push/vapid_keys.ts";
import type { OutboxEvent } from "../../lib/store/outbox.ts";
import type { PublishEvent } from "../../lib/store/relay.ts";
import { ManualClock } from "../store/support.ts";

export const keys = makeVapidKeys();

export interface World extends AsyncDisposable {
  readonly push: Push;
  readonly clock: ManualClock;
  /** The users who look at a page. */
  readonly watching: Set<string>;
  readonly errors: unknown[];
  /** What was logged, as text. */
  readonly logged: string[];
  /** How often each outcome was counted. */
  count(outcome: string): number;
  /** Resolves once an outcome was counted so often in all. */
  counted(outcome: string, times?: number): Promise<void>;
  /** Publishes an order as the shop's relay does. */
  place(id: string, more?: object): Promise<void>;
  publish(event: OutboxEvent): Promise<void>;
}

export function openWorld(kv: Deno.Kv, clock = new ManualClock()): World {
  const counts = new Map<string, number>();
  const waiting: { outcome: string; times: number; resolve: () => void }[] = [];
  const watching = new Set<string>();
  const errors: unknown[] = [];
  const logged: string[] = [];
  const count = (outcome: string) => counts.get(outcome) ?? 0;
  const push = openPush({
    config: { keys, subject: "mailto:a@b.example", policy: { services: [], loopback: true } },
    kv,
    clock,
    watching: () => Promise.resolve(watching),
    count: (outcome, n) => {
      counts.set(outcome, count(outcome) + n);
      for (const one of waiting) if (count(one.outcome) >= one.times) one.resolve();
    },
    log: (...line) => void logged.push(JSON.stringify(line)),
    onError: (error) => void errors.push(error),
  });
  const outlet: { publish: PublishEvent } = { publish: () => Promise.resolve(null) };
  const { publish } = push.watch(outlet);
  const once = { idempotencyKey: "", idempotencyTtlMs: 0 };
  const world: World = {
    push,
    clock,
    watching,
    errors,
    logged,
    count,
    counted: (outcome, times = 1) =>
      new Promise((resolve) => {
        if (count(outcome) >= times) resolve();
        else waiting.push({ outcome, times, resolve });
      }),
    async publish(event) {
      await publish(event, once);
    },
    place: (id, more = {}) => {
      const placedAt = clock.now();
      const order = { id, status: "placed", version: 1, total: 1_234, currency: "GBP", placedAt };
      const data = JSON.stringify({ ...order, ...more });
      return world.publish({ channel: "orders:all", key: id, data });
    },
    [Symbol.asyncDispose]: () => push.close(),
  };
  return world;
}
