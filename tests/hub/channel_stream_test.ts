import assert from "node:assert/strict";
import type { Publication } from "../../lib/protocol/publication.ts";
import { range } from "../broker/engine.ts";
import { turn } from "../broker/waiting.ts";
import { bench, FakeLog, Listener, unopened } from "./fakes.ts";

/** What arrives live of publications 6 … 10, and how many log reads that may cost. */
const arrivals: [string, number[], number][] = [
  ["in order", [6, 7, 8, 9, 10], 0],
  ["some twice", [6, 6, 7, 8, 7, 9, 10, 10], 0],
  ["old ones again", [3, 6, 1, 7, 8, 9, 10], 0],
  ["out of order", [7, 6, 9, 8, 10], 9],
  ["the first lost", [7, 8, 9, 10], 9],
  ["some in the middle lost", [6, 9, 10], 9],
  ["all but the last lost", [10], 9],
];
for (const [what, live, mostReads] of arrivals) {
  Deno.test(`channel stream: ${what}: each once, in order`, async () => {
    const { log, stream, settle, errors } = await bench(5);
    const listener = new Listener();
    stream.subscribers.add(listener);
    log.reads.length = 0;
    log.append(5);
    for (const offset of live) stream.accept(at(log, offset));
    await settle();
    assert.deepEqual(listener.offsets, range(6, 10));
    assert.deepEqual(stream.position, log.head);
    assert.deepEqual([listener.resets, errors], [[], []]);
    assert.ok(log.reads.length <= mostReads, `${log.reads.length} reads`);
  });
}

function at(log: FakeLog, offset: number): Publication {
  const found = log.kept.find(({ position }) => position?.offset === offset);
  if (found === undefined) throw new Error(`${offset} is not in the log`);
  return found;
}

Deno.test("channel stream: a head tells of what was lost at the end", async () => {
  const { log, stream, settle, counts } = await bench(5);
  const listener = new Listener();
  stream.subscribers.add(listener);
  log.append(3);
  stream.head(log.head);
  await settle();
  assert.deepEqual(listener.offsets, [6, 7, 8]);
  assert.equal(counts.gap, 1);
});

Deno.test("channel stream: a head that is known costs nothing", async () => {
  const { log, stream, settle } = await bench(5);
  log.reads.length = 0;
  stream.head({ epoch: log.epoch, offset: 5 });
  stream.head({ epoch: log.epoch, offset: 2 });
  await settle();
  assert.deepEqual(log.reads, []);
});

Deno.test("channel stream: what comes live while a hole is filled is not read again", async () => {
  const { log, stream, settle } = await bench();
  const listener = new Listener();
  stream.subscribers.add(listener);
  log.append(3);
  log.slowness = () => 5;
  stream.accept(at(log, 3));
  await turn();
  for (const publication of log.append(4)) stream.accept(publication);
  log.reads.length = 0;
  await settle();
  assert.deepEqual(listener.offsets, range(1, 7));
  assert.deepEqual(log.reads, []);
});

Deno.test("channel stream: what comes live while it opens is not lost", async () => {
  const log = new FakeLog();
  log.append(5);
  const { stream, settle } = unopened(log);
  const listener = new Listener();
  log.slowness = () => 3;
  const opened = stream.open();
  await turn();
  const live = log.append(3);
  stream.accept(live[0] ?? at(log, 6));
  stream.accept(live[2] ?? at(log, 8));
  await opened;
  stream.subscribers.add(listener);
  assert.deepEqual(stream.position?.offset, 5);
  await settle();
  assert.deepEqual(listener.offsets, [6, 7, 8]);
});

Deno.test("channel stream: what was flushed before one joins is not delivered again", async () => {
  const { log, stream, loop, settle } = await bench(2);
  for (const publication of log.append(2)) stream.accept(publication);
  loop.step();
  const listener = new Listener();
  assert.equal(stream.position?.offset, 4);
  stream.subscribers.add(listener);
  for (const publication of log.append(1)) stream.accept(publication);
  await settle();
  assert.deepEqual(listener.offsets, [5]);
});

Deno.test("channel stream: what is pending when one joins is delivered", async () => {
  const { log, stream, settle } = await bench(2);
  for (const publication of log.append(2)) stream.accept(publication);
  const listener = new Listener();
  assert.equal(stream.position?.offset, 2);
  stream.subscribers.add(listener);
  await settle();
  assert.deepEqual(listener.offsets, [3, 4]);
});

Deno.test("channel stream: a log that fails is asked again until it answers", async () => {
  const { log, stream, settle, errors } = await bench(5);
  const listener = new Listener();
  stream.subscribers.add(listener);
  log.append(2);
  log.failures.push(new Error("first"), new Error("second"));
  stream.head(log.head);
  await settle();
  assert.deepEqual(listener.offsets, [6, 7]);
  assert.deepEqual(errors, ["fill: Error: first", "fill: Error: second"]);
});

Deno.test("channel stream: a long hole is filled page by page", async () => {
  const { log, stream, settle } = await bench();
  const listener = new Listener();
  stream.subscribers.add(listener);
  log.append(2_500);
  stream.head(log.head);
  await settle();
  assert.deepEqual(listener.offsets, range(1, 2_500));
});

Deno.test("channel stream: identical reads at the same time are one", async () => {
  const { log, stream } = await bench(3_000);
  log.reads.length = 0;
  log.slowness = () => 2;
  const since = { epoch: log.epoch, offset: 10 };
  const pages = await Promise.all([
    stream.read(since, 100),
    stream.read(since, 100),
    stream.read({ ...since, offset: 11 }, 100),
    stream.read(since, 100),
  ]);
  assert.equal(log.reads.length, 2);
  assert.deepEqual(pages[0], pages[1]);
  assert.notDeepEqual(pages[0], pages[2]);
  await stream.read(since, 100);
  assert.equal(log.reads.length, 3);
});

Deno.test("channel stream: recent publications are read without the log", async () => {
  const { log, stream, settle } = await bench(100);
  for (const publication of log.append(50)) stream.accept(publication);
  await settle();
  log.reads.length = 0;
  const page = await stream.read({ epoch: log.epoch, offset: 120 }, 10);
  assert.notEqual(page, "lost");
  const offsets = page === "lost" ? [] : page.map(({ position }) => position?.offset);
  assert.deepEqual(offsets, range(121, 130));
  assert.deepEqual(log.reads, []);
});

Deno.test("channel stream: without retention publications pass through in their order", async () => {
  const { stream, settle } = unopened(new FakeLog(), null);
  await stream.open();
  const listener = new Listener();
  stream.subscribers.add(listener);
  for (const data of [1, 2, 3]) {
    stream.accept({ channel: "a", position: null, body: `{"data":${data}}`, time: 0 });
  }
  await settle();
  const bodies = listener.batches.flatMap(({ publications }) =>
    publications.map((one) => one.body)
  );
  assert.deepEqual(bodies, ['{"data":1}', '{"data":2}', '{"data":3}']);
  assert.equal(stream.position, null);
  stream.head({ epoch: "e", offset: 4 });
  await settle();
  assert.deepEqual(listener.resets, []);
});

Deno.test("channel stream: one that is closed delivers nothing more and wakes who waits", async () => {
  const { log, stream, settle } = await bench(1);
  const listener = new Listener();
  stream.subscribers.add(listener);
  const reached = stream.reach(5);
  for (const publication of log.append(1)) stream.accept(publication);
  stream.close();
  await reached;
  await settle();
  assert.deepEqual(listener.offsets, []);
});

Deno.test("channel stream: signals reach everyone", async () => {
  const { stream } = await bench();
  const [one, other] = [new Listener(), new Listener()];
  stream.subscribers.add(one).add(other);
  const signal = { kind: "join", info: { user: "u", client: "c" } } as const;
  stream.signal(signal);
  assert.deepEqual([one.signals, other.signals], [[signal], [signal]]);
});
