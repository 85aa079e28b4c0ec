import assert from "node:assert/strict";
import type { Batch } from "../../lib/hub/batch.ts";
import type { Publication } from "../../lib/protocol/publication.ts";
import { range } from "../broker/engine.ts";
import { bench, FakeLog, Listener, unopened } from "./fakes.ts";

const kilobyte = "x".repeat(1024);

/** Notes how long each flush was, in UTF-16 units of the bodies. */
class Measuring extends Listener {
  readonly lengths: number[] = [];

  override deliver(batch: Batch): void {
    super.deliver(batch);
    this.lengths.push(batch.publications.reduce((sum, { body }) => sum + body.length, 0));
  }
}

function fat(publication: Publication): Publication {
  return { ...publication, body: `{"data":"${kilobyte}"}` };
}

Deno.test("channel stream: one flush carries 256 KiB at most; the rest follows in order", async () => {
  const { log, stream, settle } = await bench();
  const listener = new Measuring();
  stream.subscribers.add(listener);
  for (const publication of log.append(900)) stream.accept(fat(publication));
  await settle();
  assert.deepEqual(listener.offsets, range(1, 900));
  assert.ok(listener.lengths.length >= 4, `${listener.lengths.length} flushes`);
  assert.ok(Math.max(...listener.lengths) <= 256 * 1024);
});

Deno.test("channel stream: kept publications beyond 1 MiB wait in the log", async () => {
  const { log, stream, settle, counts } = await bench();
  const listener = new Measuring();
  stream.subscribers.add(listener);
  log.reads.length = 0;
  for (const publication of log.append(3_000)) stream.accept(fat(publication));
  await settle();
  assert.deepEqual(listener.offsets, range(1, 3_000));
  assert.ok(log.reads.length > 0, "nothing was read from the log");
  assert.deepEqual([counts.dropped, counts.reset], [0, 0]);
});

Deno.test("channel stream: beyond 1 MiB what is kept nowhere is dropped, and counted", async () => {
  const { stream, settle, counts } = unopened(new FakeLog(), null);
  await stream.open();
  const listener = new Measuring();
  stream.subscribers.add(listener);
  const publication = { channel: "a", position: null, body: `{"data":"${kilobyte}"}`, time: 0 };
  for (let n = 0; n < 3_000; n++) stream.accept(publication);
  await settle();
  assert.ok(counts.dropped > 1_500 && counts.dropped < 2_500, `${counts.dropped} dropped`);
  assert.equal(counts.delivered + counts.dropped, 3_000);
});
