/** Pushes that are under way when something comes between: more orders, a failure, the end. */
import assert from "node:assert/strict";
import { batchOf } from "../../lib/push/batch.ts";
import { Courier, type CourierOptions } from "../../lib/push/courier.ts";
import { NewOrders, type NewOrdersOptions } from "../../lib/push/new_orders.ts";
import type { Taken } from "../../lib/push/queue.ts";
import type { Subscription } from "../../lib/push/subscriptions.ts";
import { Vapid } from "../../lib/push/vapid.ts";
import { ManualClock, turnsUntil } from "../store/support.ts";
import { Receiver, subscriptionAt } from "./support.ts";
import { keys } from "./world.ts";

const receiver = new Receiver();
const order = (id: string) => ({ id, total: 1, currency: "VND", placedAt: Date.UTC(2026, 0, 1) });
const subscriber = (id: string): Subscription => ({
  ...subscriptionAt(`https://fcm.googleapis.com/${id}`, receiver),
  id,
  user: "an",
  expires: Infinity,
  renewed: 0,
});

/** A push service that answers when the test says; it hears of requests that are given up. */
function openCourier(more: Partial<CourierOptions> = {}) {
  const clock = new ManualClock();
  const asked: { readonly answer: (status: number) => void }[] = [];
  const outcomes: string[] = [];
  const fetch = (_: unknown, init?: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new Error("given up")));
      asked.push({ answer: (status) => resolve(new Response(null, { status })) });
    });
  const courier = new Courier({
    vapid: new Vapid({ keys, subject: "mailto:a@b.example", clock }),
    clock,
    fetch: fetch as typeof globalThis.fetch,
    timeoutMs: 10_000,
    onOutcome: (outcome) => void outcomes.push(outcome),
    forget: () => Promise.resolve(),
    ...more,
  });
  return { courier, clock, asked, outcomes };
}

Deno.test("a courier that closes asks no service any more, however many were to be asked", async () => {
  const { courier, asked } = openCourier();
  for (let i = 0; i < 100; i++) courier.send(subscriber(`s-${i}`), batchOf([order("o-1")]));
  await turnsUntil(() => asked.length === 16);
  await courier.close();
  assert.deepEqual([asked.length, courier.size], [16, 0]);
});

Deno.test("a courier that closes while a message is being encrypted does not send it", async () => {
  const { courier, asked } = openCourier();
  courier.send(subscriber("s"), batchOf([order("o-1")]));
  await courier.close();
  assert.deepEqual([asked.length, courier.size], [0, 0]);
});

Deno.test("what came during the last try of another push is pushed all the same", async () => {
  const { courier, clock, asked, outcomes } = openCourier();
  courier.send(subscriber("s"), batchOf([order("o-1")]));
  for (let i = 0; i < 5; i++) {
    await turnsUntil(() => asked.length === i + 1);
    if (i === 4) courier.send(subscriber("s"), batchOf([order("o-2")]));
    asked[i]?.answer(503);
    await turnsUntil(() => outcomes.length === i + 1);
    if (i < 4) clock.advance(60_000);
  }
  await turnsUntil(() => asked.length === 6);
  asked[5]?.answer(201);
  await turnsUntil(() => outcomes.length === 6);
  assert.deepEqual(outcomes.slice(-2), ["failed", "sent"]);
  await courier.close();
});

/** Orders whose queue the test holds in its hand. */
function openOrders(more: Partial<NewOrdersOptions>) {
  const clock = new ManualClock();
  const told: string[] = [];
  const errors: unknown[] = [];
  const orders = new NewOrders({
    queue: { add: () => Promise.resolve(true), take: () => Promise.resolve({ name: "none" }) },
    clock,
    wanted: () => Promise.resolve(true),
    subscriptions: () => Promise.resolve([subscriber("s")]),
    watching: () => Promise.resolve(new Set()),
    send: (_, { latest }) => void told.push(...latest.map(({ id }) => id)),
    onWithheld: () => {},
    onError: (error) => void errors.push(error),
    ...more,
  });
  return { orders, clock, told, errors };
}

Deno.test("an order that comes while the queue is found empty is looked for again", async () => {
  const looks: PromiseWithResolvers<Taken>[] = [];
  const take = () => {
    const look = Promise.withResolvers<Taken>();
    looks.push(look);
    return look.promise;
  };
  const { orders, clock, told } = openOrders({ queue: { add: () => Promise.resolve(true), take } });
  clock.advance(2_000);
  await orders.placed(order("o-1"));
  looks[0]?.resolve({ name: "none" });
  await turnsUntil(() => clock.waiting > 0);
  clock.advance(2_000);
  looks[1]?.resolve({ name: "taken", orders: [order("o-1")] });
  await turnsUntil(() => told.length > 0);
  assert.deepEqual(told, ["o-1"]);
  await orders.close();
});

Deno.test("orders are not lost when the subscriptions cannot be read", async () => {
  let failures = 2;
  const subscriptions = () =>
    failures-- > 0 ? Promise.reject(new Error("locked")) : Promise.resolve([subscriber("s")]);
  const left = [order("o-1")];
  const take = (): Promise<Taken> => {
    const orders = left.splice(0);
    return Promise.resolve(orders.length === 0 ? { name: "none" } : { name: "taken", orders });
  };
  const queue = { add: () => Promise.resolve(true), take };
  const { orders, clock, told, errors } = openOrders({ queue, subscriptions });
  clock.advance(2_000);
  for (let i = 1; i <= 2; i++) {
    await turnsUntil(() => errors.length === i && clock.waiting > 0);
    clock.advance(10_000);
  }
  await turnsUntil(() => told.length > 0);
  assert.deepEqual(told, ["o-1"]);
  await orders.close();
});
