/**
 * Whatever happens between a log and this isolate, each subscriber gets every publication after the
 * position it came with, once and in order.
 */
import assert from "node:assert/strict";
import { catchUp } from "../../lib/hub/catch_up.ts";
import type { ChannelStream } from "../../lib/hub/channel_stream.ts";
import type { Batch } from "../../lib/hub/batch.ts";
import type { Publication, StreamPosition } from "../../lib/protocol/publication.ts";
import { seededRandom } from "../../tools/replay/random.ts";
import { range } from "../broker/engine.ts";
import { turn } from "../broker/waiting.ts";
import { type Bench, bench, Listener } from "./fakes.ts";

/** Joins as a session does, and checks each publication as it comes. */
class Reader extends Listener {
  readonly from: StreamPosition;
  next: number;
  epoch: string;
  left = false;
  live = false;

  constructor(from: StreamPosition) {
    super();
    this.from = from;
    this.epoch = from.epoch;
    this.next = from.offset + 1;
  }

  async join(stream: ChannelStream, pageSize: number): Promise<void> {
    while (!this.left) {
      const step = await catchUp(stream, { epoch: this.epoch, offset: this.next - 1 }, pageSize);
      if (this.left) return;
      if (step.kind === "page") this.#take(step.publications);
      else {
        if (step.kind === "lost") this.#moveTo(stream.position);
        this.live = true;
        stream.subscribers.add(this);
        return;
      }
    }
  }

  override deliver(batch: Batch): void {
    this.#take(batch.publications);
  }

  override reset(channel: string, position: StreamPosition): void {
    super.reset(channel, position);
    this.#moveTo(position);
  }

  #moveTo(position: StreamPosition | null): void {
    assert.ok(position !== null);
    this.epoch = position.epoch;
    this.next = position.offset + 1;
  }

  #take(publications: readonly Publication[]): void {
    for (const { position } of publications) {
      assert.deepEqual(position, { epoch: this.epoch, offset: this.next }, "not the next one");
      this.offsets.push(this.next++);
    }
  }
}

interface Course {
  readonly random: () => number;
  readonly losses: boolean;
}

async function run({ random, losses }: Course): Promise<{ readers: Reader[]; made: Bench }> {
  const made = await bench(Math.floor(random() * 20));
  const { log, loop, stream, settle } = made;
  const pick = (n: number) => Math.floor(random() * n);
  log.slowness = () => pick(4);
  const readers: Reader[] = [];
  const joining: Promise<void>[] = [];
  /** On its way to this isolate, to come in any order, some of it twice or never. */
  const air: Publication[] = [];
  const acts: (() => void)[] = [
    () => void air.push(...log.append(1 + pick(5))),
    () => void air.push(...log.append(1)),
    () => air.splice(pick(air.length), 1).forEach((one) => stream.accept(one)),
    () => air.splice(0, pick(8)).forEach((one) => stream.accept(one)),
    () => air.slice(-pick(3)).forEach((one) => stream.accept(one)),
    () => void air.splice(pick(air.length), pick(4)),
    () => void loop.step(),
    () => void loop.step(),
    () => stream.head(log.head),
    () => void (random() < 0.3 && log.failures.push(new Error("busy"))),
    () => {
      const reader = new Reader({ epoch: log.epoch, offset: pick(log.offset + 1) });
      readers.push(reader);
      joining.push(reader.join(stream, 1 + pick(6)).catch(ignoreBusy));
    },
    () => {
      const reader = new Reader(stream.position ?? log.head);
      readers.push(reader);
      reader.live = true;
      stream.subscribers.add(reader);
    },
    () => {
      const reader = readers[pick(readers.length)];
      if (reader === undefined) return;
      reader.left = true;
      stream.subscribers.delete(reader);
    },
  ];
  const rare = [() => log.trim(3), () => log.beginAnew(`${log.epoch}x`)];
  for (let n = 0; n < 120; n++) {
    if (losses && random() < 0.03) rare[pick(rare.length)]?.();
    else acts[pick(acts.length)]?.();
    if (random() < 0.4) await turn();
  }
  log.failures.length = 0;
  stream.head(log.head);
  await settle();
  await Promise.all(joining);
  await settle();
  return { readers, made };
}

/** A joining reader whose read fails ends, as a session does. */
function ignoreBusy(error: unknown): void {
  if (!(error instanceof Error) || error.message !== "busy") throw error;
}

Deno.test("channel stream: each subscriber gets each publication once, in order", async () => {
  let delivered = 0;
  let gaps = 0;
  for (const seed of range(1, 150)) {
    const { readers, made } = await run({ random: seededRandom(seed * 7_919), losses: false });
    const { stream, log } = made;
    assert.deepEqual(stream.position, log.head, `seed ${seed}`);
    for (const reader of readers) {
      assert.deepEqual(reader.resets, [], `seed ${seed}`);
      delivered += reader.offsets.length;
      if (reader.left || !reader.live) continue;
      const expected = range(reader.from.offset + 1, log.offset);
      assert.deepEqual(reader.offsets, expected, `seed ${seed}, from ${reader.from.offset}`);
    }
    gaps += made.counts.gap;
  }
  assert.ok(delivered > 5_000 && gaps > 300, `${delivered} deliveries, ${gaps} gaps`);
});

Deno.test("channel stream: with a log that loses, each is in order and every jump is told", async () => {
  let resets = 0;
  for (const seed of range(1, 150)) {
    const { readers, made } = await run({ random: seededRandom(seed * 104_729), losses: true });
    const { stream, log } = made;
    assert.deepEqual(stream.position, log.head, `seed ${seed}`);
    for (const reader of readers) {
      resets += reader.resets.length;
      if (reader.left || !reader.live) continue;
      const end = { epoch: reader.epoch, offset: reader.next - 1 };
      assert.deepEqual(end, log.head, `seed ${seed}: a reader was left behind`);
    }
  }
  assert.ok(resets > 50, `${resets} resets`);
});
