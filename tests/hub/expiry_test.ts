import assert from "node:assert/strict";
import { Expiry } from "../../lib/hub/expiry.ts";
import { Mirror } from "../../lib/hub/mirror.ts";
import type { Publication } from "../../lib/protocol/publication.ts";
import { range } from "../broker/engine.ts";
import { turn } from "../broker/waiting.ts";
import { VirtualTime } from "../support/virtual_time.ts";
import { keyed, removal, told } from "./keyed_fakes.ts";

const ttlMs = 10_000;
/** A key may outlive its time by so much. */
const spreadMs = 250;
const began = Date.UTC(2030, 0);

function bench() {
  const time = new VirtualTime(began);
  const mirror = new Mirror();
  mirror.load([], 0);
  const removed: Publication[] = [];
  const errors: unknown[] = [];
  const failures: Error[] = [];
  let offset = 0;
  const expiry = new Expiry({
    ttlMs,
    mirror,
    remove: (entry) => {
      const failure = failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      removed.push(entry);
      return Promise.resolve();
    },
    onError: (error) => void errors.push(error),
  });
  const apply = (publication: Publication) => {
    mirror.apply([publication]);
    expiry.schedule();
  };
  return {
    time,
    mirror,
    expiry,
    removed,
    errors,
    failures,
    put: (key: string) => apply(keyed(key, ++offset, { time: Date.now() })),
    remove: (key: string) => apply(removal(key, ++offset)),
    async pass(ms: number) {
      const until = time.now + ms;
      await turn();
      while (time.step(until - time.now)) await turn();
    },
    [Symbol.dispose]() {
      expiry.close();
      time[Symbol.dispose]();
    },
  };
}

Deno.test("expiry: each key goes in its time, by its own publication", async () => {
  using world = bench();
  await world.expiry.start();
  world.put("a");
  await world.pass(4_000);
  world.put("b");
  await world.pass(ttlMs - 4_000 - 1);
  assert.deepEqual(told(world.removed), []);
  await world.pass(1 + spreadMs);
  assert.deepEqual(told(world.removed), ["a@1"]);
  world.remove("a");
  await world.pass(4_000);
  assert.deepEqual(told(world.removed), ["a@1", "b@2"]);
});

Deno.test("expiry: a key that is published again lives on", async () => {
  using world = bench();
  await world.expiry.start();
  for (const _ of range(1, 5)) {
    world.put("a");
    await world.pass(ttlMs * 0.9);
  }
  assert.deepEqual(world.removed, []);
  await world.pass(ttlMs * 0.1 + spreadMs);
  assert.deepEqual(told(world.removed), ["a@5"]);
});

Deno.test("expiry: what is overdue goes at the start, whatever else is there", async () => {
  using world = bench();
  for (const key of ["a", "b"]) world.put(key);
  await world.pass(ttlMs + 1);
  world.put("c");
  assert.deepEqual(world.removed, []);
  await world.expiry.start();
  assert.deepEqual(told(world.removed), ["a@1", "b@2"]);
});

Deno.test("expiry: a removal whose publication does not come is asked for again", async () => {
  using world = bench();
  await world.expiry.start();
  world.put("a");
  await world.pass(ttlMs + spreadMs);
  assert.equal(world.removed.length, 1);
  await world.pass(spreadMs);
  assert.equal(world.removed.length, 2);
  world.remove("a");
  await world.pass(60_000);
  assert.equal(world.removed.length, 2);
});

Deno.test("expiry: a removal that fails is reported and tried again a second later", async () => {
  using world = bench();
  await world.expiry.start();
  world.put("a");
  world.failures.push(new Error("busy"), new Error("still busy"));
  await world.pass(ttlMs + spreadMs);
  assert.deepEqual(world.errors.map(String), ["Error: busy"]);
  await world.pass(1_000);
  assert.deepEqual(world.errors.map(String), ["Error: busy", "Error: still busy"]);
  await world.pass(1_000);
  assert.deepEqual(told(world.removed), ["a@1"]);
});

Deno.test("expiry: thousands that are overdue go some hundred at a time", async () => {
  using world = bench();
  for (const n of range(1, 1_000)) world.put(`k${n}`);
  await world.pass(ttlMs);
  await world.expiry.start();
  assert.equal(world.removed.length, 200);
  for (const n of range(1, 200)) world.remove(`k${n}`);
  await world.pass(spreadMs + 1);
  assert.equal(world.removed.length, 400);
  assert.equal(world.removed.at(-1)?.key, "k400");
});

Deno.test("expiry: a lifetime longer than a timer takes is none too short", async () => {
  using time = new VirtualTime(began);
  const mirror = new Mirror();
  mirror.load([keyed("a", 1, { time: began })], 1);
  const removed: Publication[] = [];
  const remove = (entry: Publication) => Promise.resolve(void removed.push(entry));
  const month = 30 * 24 * 3_600_000;
  const expiry = new Expiry({ ttlMs: month, mirror, remove, onError() {} });
  await expiry.start();
  while (time.step(began + month - 1 - time.now)) await turn();
  assert.deepEqual(removed, []);
  while (removed.length === 0 && time.step(spreadMs + 1)) await turn();
  assert.equal(removed.length, 1);
  expiry.close();
});

Deno.test("expiry: once closed it does nothing", async () => {
  using world = bench();
  await world.expiry.start();
  world.put("a");
  world.expiry.close();
  await world.pass(ttlMs * 3);
  world.put("b");
  await world.pass(ttlMs * 3);
  assert.deepEqual(world.removed, []);
});
