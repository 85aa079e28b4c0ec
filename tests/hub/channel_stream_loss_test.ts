/** What a channel's stream does when the log no longer holds what follows. */
import assert from "node:assert/strict";
import { bench, type FakeLog, Listener } from "./fakes.ts";

const losses: [string, (log: FakeLog) => void][] = [
  ["the log was trimmed", (log) => {
    log.append(20);
    log.trim(5);
  }],
  ["another epoch began", (log) => {
    log.beginAnew("e2");
    log.append(2);
  }],
];
for (const [what, lose] of losses) {
  Deno.test(`channel stream: ${what}: subscribers are told, and go on from the head`, async () => {
    const { log, stream, settle, counts } = await bench(5);
    const listener = new Listener();
    stream.subscribers.add(listener);
    for (const publication of log.append(1)) stream.accept(publication);
    await settle();
    lose(log);
    const told = log.head;
    stream.head(told);
    await settle();
    assert.deepEqual([listener.offsets, listener.resets, counts.reset], [[6], [told], 1]);
    assert.deepEqual(stream.position, told);
    for (const publication of log.append(2)) stream.accept(publication);
    await settle();
    assert.deepEqual(listener.offsets, [6, told.offset + 1, told.offset + 2]);
    assert.deepEqual(listener.resets.length, 1);
  });
}

Deno.test("channel stream: what was accepted before a reset is delivered before it", async () => {
  const { log, stream, loop, settle } = await bench();
  const listener = new Listener();
  stream.subscribers.add(listener);
  for (const publication of log.append(1)) stream.accept(publication);
  loop.step();
  // The pacer now waits for the flush to be written; these come in the next one.
  for (const publication of log.append(2)) stream.accept(publication);
  log.append(10);
  log.trim(2);
  stream.head(log.head);
  await settle();
  assert.deepEqual(listener.offsets, [1, 2, 3]);
  assert.deepEqual(listener.resets, [log.head]);
});

Deno.test("channel stream: a live publication of the new epoch alone gives it away", async () => {
  const { log, stream, settle } = await bench(5);
  const listener = new Listener();
  stream.subscribers.add(listener);
  log.beginAnew("e2");
  for (const publication of log.append(1)) stream.accept(publication);
  await settle();
  assert.deepEqual(listener.resets, [{ epoch: "e2", offset: 1 }]);
  for (const publication of log.append(1)) stream.accept(publication);
  await settle();
  assert.deepEqual(listener.offsets, [2]);
});
