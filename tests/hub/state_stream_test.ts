/** Streams of state channels: opened exactly, read on as the latest of each key, started over. */
import assert from "node:assert/strict";
import { catchUp, isLevel } from "../../lib/hub/catch_up.ts";
import { decodeFilter } from "../../lib/protocol/filter.ts";
import type { Publication } from "../../lib/protocol/publication.ts";
import { range } from "../broker/engine.ts";
import { turn } from "../broker/waiting.ts";
import { Listener } from "./fakes.ts";
import { type KeyedBench, KeyedLog, stateBench, told, unopenedState } from "./keyed_fakes.ts";

/** Published and announced. */
function live({ log, stream }: KeyedBench, ...puts: string[]): void {
  for (const key of puts) {
    stream.accept(key.startsWith("-") ? log.remove(key.slice(1)) : log.put(key));
  }
}

function mirrored({ stream }: KeyedBench): string[] {
  return told([...stream.state?.mirror.entries() ?? []]);
}

Deno.test("state stream: opens with the state and what changed while it was read", async () => {
  const log = new KeyedLog();
  for (const n of range(1, 25)) log.put(`k${n}`);
  log.pageSize = 10;
  let pages = 0;
  const made = unopenedState(log);
  log.beforePage = () => {
    if (++pages === 2) live(made, "k1", "-k2");
    // This one is not announced.
    if (pages === 3) log.put("k26");
  };
  const opened = made.stream.open();
  while (pages < 3) await turn();
  await made.settle();
  await opened;
  assert.deepEqual(made.stream.position, log.head);
  assert.deepEqual(mirrored(made), told([...log.entries.values()].sort(byOffset)));
  assert.deepEqual(made.errors, []);
});

Deno.test("state stream: a subscriber is given every change, and the mirror has them", async () => {
  const made = await stateBench(3);
  const listener = new Listener();
  made.stream.subscribers.add(listener);
  live(made, "k1", "new", "-k2", "k1");
  await made.settle();
  assert.deepEqual(listener.offsets, [4, 5, 6, 7]);
  assert.deepEqual(mirrored(made), ["k3@3", "new@5", "k1@7"]);
});

Deno.test("state stream: few changes are read as they are, many as the latest of each key", async () => {
  const made = await stateBench(3);
  const { log, stream } = made;
  live(made, "k1", "k1", "-k2", "k1");
  await made.settle();
  const since = { epoch: "e1", offset: 3 };
  log.reads.length = 0;
  assert.deepEqual(read(await stream.read(since, 4)), ["k1@4", "k1@5", "-k2@6", "k1@7"]);
  assert.equal(made.counts.conflated, 0);
  assert.deepEqual(read(await stream.read(since, 3)), ["-k2@6", "k1@7"]);
  assert.equal(made.counts.conflated, 2);
  assert.deepEqual(read(await stream.read(since, 4, true)), ["-k2@6", "k1@7"]);
  assert.deepEqual(read(await stream.read(since, 1, true)), ["-k2@6"]);
  assert.deepEqual(log.reads, []);
});

Deno.test("state stream: where the log no longer reaches back, the mirror does", async () => {
  const made = await stateBench(3, {}, 2);
  const { log, stream } = made;
  live(made, "k1", "-k2", "k3", "k1", "k4");
  await made.settle();
  log.trim(2);
  log.reads.length = 0;
  const step = await catchUp(stream, { epoch: "e1", offset: 3 }, 100);
  assert.deepEqual(step.kind === "page" && told(step.publications), [
    "-k2@5",
    "k3@6",
    "k1@7",
    "k4@8",
  ]);
  assert.deepEqual(log.reads, []);
  // A snapshot that was made then can so be followed.
  const old = stream.state?.snapshot({ epoch: "e1", offset: 3 });
  assert.equal((await catchUp(stream, old?.position ?? log.head, 100)).kind, "page");
});

Deno.test("state stream: from before it was opened only what the log has", async () => {
  const made = await stateBench(5, {}, 3);
  assert.deepEqual(read(await made.stream.read({ epoch: "e1", offset: 3 }, 9)), ["k4@4", "k5@5"]);
  made.log.trim(1);
  assert.equal(await made.stream.read({ epoch: "e1", offset: 3 }, 9), "lost");
});

Deno.test("state stream: starts over with the state when the log has lost what follows", async () => {
  const made = await stateBench(3);
  const { log, stream } = made;
  const listener = new Listener();
  stream.subscribers.add(listener);
  for (const n of range(1, 10)) log.put(`late${n}`);
  log.remove("k1");
  log.trim(2);
  stream.head(log.head);
  await made.settle();
  assert.deepEqual(listener.resets, [log.head]);
  assert.deepEqual(stream.position, log.head);
  assert.equal(stream.state?.mirror.size, 12);
  assert.deepEqual(listener.offsets, []);
  // Who was away at the time has lost as much.
  assert.equal(await stream.read({ epoch: "e1", offset: 3 }, 100), "lost");
  live(made, "k1");
  await made.settle();
  assert.deepEqual(listener.offsets, [15]);
});

Deno.test("state stream: starts over in another life, with nothing of the last one", async () => {
  const made = await stateBench(3);
  const { log, stream, settle } = made;
  live(made, "a", "b");
  await settle();
  const since = { epoch: "e1", offset: 3 };
  const page = await stream.read(since, 9);
  const before = stream.batch(page === "lost" ? [] : page, 0, null);
  log.beginAnew("e2");
  for (const key of ["x", "y", "z", "u", "v"]) log.put(key);
  stream.head(log.head);
  await settle();
  assert.deepEqual(mirrored(made), ["x@1", "y@2", "z@3", "u@4", "v@5"]);
  assert.equal(await stream.read(since, 9), "lost");
  const again = await stream.read({ epoch: "e2", offset: 3 }, 9);
  const after = stream.batch(again === "lost" ? [] : again, 0, null);
  assert.deepEqual(told(after.publications), ["u@4", "v@5"]);
  assert.notEqual(after, before);
});

Deno.test("state stream: whoever was level is not, once the stream began anew", async () => {
  const made = await stateBench(3);
  const { log, stream } = made;
  const since = { epoch: "e1", offset: 3 };
  assert.equal((await catchUp(stream, since, 9)).kind, "level");
  assert.ok(isLevel(stream, since) && isLevel(stream, { epoch: "", offset: 3 }));
  log.beginAnew("e2");
  for (const key of ["x", "y", "z"]) log.put(key);
  stream.head(log.head);
  await made.settle();
  assert.ok(!isLevel(stream, since));
  assert.equal((await catchUp(stream, since, 9)).kind, "lost");
});

Deno.test("state stream: who waits for what it is ahead of is told when that never comes", async () => {
  const made = await stateBench(3);
  const { log, stream } = made;
  for (const key of ["a", "b", "c"]) log.put(key);
  log.slowness = () => 3;
  const step = catchUp(stream, { epoch: "e1", offset: 6 }, 9);
  await turn();
  log.beginAnew("e2");
  log.put("x");
  stream.head(log.head);
  await made.settle();
  assert.equal((await step).kind, "lost");
});

Deno.test("state stream: those who were given the same share what is encoded", async () => {
  const made = await stateBench(3);
  const { stream } = made;
  live(made, "a", "b", "a");
  await made.settle();
  const pages = await Promise.all([1, 2].map(() => stream.read({ epoch: "e1", offset: 3 }, 2)));
  const [one, other] = pages.map((page) => page === "lost" ? [] : page);
  const red = decodeFilter({ key: "color", cmp: "eq", val: "red" });
  assert.equal(stream.batch(one ?? [], 3, null), stream.batch(other ?? [], 3, null));
  assert.equal(stream.batch(one ?? [], 3, red), stream.batch(other ?? [], 3, red));
  assert.notEqual(stream.batch(one ?? [], 3, red), stream.batch(other ?? [], 3, null));
  // Who may know older tags is told of more.
  assert.notEqual(stream.batch(one ?? [], 3, red), stream.batch(one ?? [], 0, red));
});

Deno.test("state stream: what leaves a filter is removed, as far as the reader may have it", async () => {
  const made = await stateBench();
  const { log, stream } = made;
  const paint = (key: string, color: string) => stream.accept(log.put(key, { tags: { color } }));
  for (const key of ["a", "b", "c"]) paint(key, "red");
  paint("d", "blue");
  await made.settle();
  paint("a", "blue");
  paint("b", "red");
  paint("d", "blue");
  paint("e", "blue");
  await made.settle();
  const page = await stream.read({ epoch: log.epoch, offset: 4 }, 9);
  const red = decodeFilter({ key: "color", cmp: "eq", val: "red" });
  const through = (base: number) => told(stream.filtered(page === "lost" ? [] : page, base, red));
  assert.deepEqual(through(4), ["-a@5", "b@6"]);
  assert.deepEqual(through(6), ["b@6"]);
});

function read(page: readonly Publication[] | "lost"): string[] | "lost" {
  return page === "lost" ? page : told(page);
}

function byOffset(a: Publication, b: Publication): number {
  return (a.position?.offset ?? 0) - (b.position?.offset ?? 0);
}
