/** Gathering what is sent to one client, by a clock of the test's. */
import assert from "node:assert/strict";
import type { Disconnect } from "../../lib/protocol/disconnects.ts";
import { BatchedTransport, joinBytes, joinTexts } from "../../lib/transport/batched.ts";
import { Grid } from "../../lib/transport/grid.ts";
import type { Transport } from "../../lib/transport/transport.ts";

/** Stands still until it is moved. */
class HandClock {
  readonly timers = new Map<number, () => void>();
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    return 0;
  }

  after(ms: number, job: () => void): () => void {
    const at = this.#now + ms;
    assert.ok(!this.timers.has(at), "one timer a moment");
    this.timers.set(at, job);
    return () => void this.timers.delete(at);
  }

  moveTo(at: number): void {
    this.#now = at;
    for (const [due, job] of [...this.timers]) {
      if (due > at) continue;
      this.timers.delete(due);
      job();
    }
  }
}

class Wire implements Transport<string> {
  readonly name = "websocket";
  readonly told: (string | Disconnect)[] = [];
  backlog = 0;
  failing = false;

  send(text: string): void {
    if (this.failing) throw new Error("no");
    this.told.push(text);
  }

  close(disconnect: Disconnect): void {
    this.told.push(disconnect);
  }
}

function bench() {
  const errors: string[] = [];
  const clock = new HandClock(10_030);
  const grid = new Grid((error, stage) => void errors.push(`${stage}: ${error}`), clock);
  const isUrgent = (text: string) => text.endsWith("!");
  const open = (windowMs = 100) => {
    const wire = new Wire();
    const options = { windowMs, grid, join: joinTexts, isUrgent };
    return { wire, batched: new BatchedTransport(wire, options) };
  };
  return { clock, errors, open };
}

const end = { code: 3001, reason: "shutdown" };

Deno.test("batched: the first is written at once, what follows in order at the next moment", () => {
  const { clock, open } = bench();
  const { wire, batched } = open();
  batched.send("first");
  assert.deepEqual(wire.told, ["first"]);
  for (const text of ["a", "b", "c"]) batched.send(text);
  clock.moveTo(10_099);
  assert.deepEqual(wire.told, ["first"]);
  clock.moveTo(10_100);
  assert.deepEqual(wire.told, ["first", "a\nb\nc"]);
  batched.send("d");
  clock.moveTo(10_200);
  assert.deepEqual(wire.told, ["first", "a\nb\nc", "d"]);
});

Deno.test("batched: what is urgent is written at once, behind what was gathered", () => {
  const { clock, open } = bench();
  const { wire, batched } = open();
  for (const text of ["first", "now!", "a", "too!"]) batched.send(text);
  assert.deepEqual(wire.told, ["first", "now!", "a\ntoo!"]);
  assert.equal(clock.timers.size, 0);
  batched.send("b");
  clock.moveTo(10_100);
  assert.equal(wire.told.at(-1), "b");
});

Deno.test("batched: many share a moment and its timer, and idle ones cost none", () => {
  const { clock, open } = bench();
  const several = [open(), open(), open(250)];
  for (const { batched } of several) batched.send("first");
  assert.equal(clock.timers.size, 0);
  for (const { batched } of several) batched.send("x");
  assert.deepEqual([...clock.timers.keys()], [10_100, 10_250]);
  clock.moveTo(10_100);
  assert.deepEqual(several.map(({ wire }) => wire.told.length), [2, 2, 1]);
  clock.moveTo(10_250);
  assert.deepEqual(several.map(({ wire }) => wire.told.length), [2, 2, 2]);
  assert.equal(clock.timers.size, 0);
});

Deno.test("batched: the end writes what was gathered first, and nothing comes after it", () => {
  const { clock, open } = bench();
  const { wire, batched } = open();
  for (const text of ["first", "a", "b"]) batched.send(text);
  batched.close(end);
  assert.deepEqual(wire.told, ["first", "a\nb", end]);
  assert.equal(clock.timers.size, 0);
  batched.send("late");
  assert.equal(clock.timers.size, 0);
  assert.equal(wire.told.length, 3);
});

Deno.test("batched: of a connection that is gone nothing is left", () => {
  const { clock, open } = bench();
  const [gone, other] = [open(), open()];
  for (const { batched } of [gone, other]) for (const text of ["first", "a"]) batched.send(text);
  gone.batched.stop();
  gone.batched.send("late");
  clock.moveTo(10_100);
  assert.deepEqual([gone.wire.told, other.wire.told], [["first"], ["first", "a"]]);
  other.batched.send("b");
  other.batched.stop();
  assert.equal(clock.timers.size, 0);
});

Deno.test("batched: much is written before its time, so that what waits is bounded", () => {
  const { clock, open } = bench();
  const { wire, batched } = open();
  batched.send("first");
  const text = "x".repeat(1_024);
  for (let n = 0; n < 65; n++) batched.send(text);
  assert.deepEqual(wire.told.map(String).map(({ length }) => length), [5, 64 * 1_025 - 1]);
  assert.deepEqual([...clock.timers.keys()], [10_100]);
  clock.moveTo(10_100);
  assert.equal(wire.told.at(-1), text);
});

Deno.test("batched: what is held back is no backlog of its reader", () => {
  const { open } = bench();
  const { wire, batched } = open();
  for (const text of ["first", "a"]) batched.send(text);
  assert.equal(batched.backlog, 0);
  wire.backlog = 7;
  assert.equal(batched.backlog, 7);
});

Deno.test("batched: one that fails keeps nobody else's moment from coming", () => {
  const { clock, errors, open } = bench();
  const [bad, good] = [open(), open()];
  for (const { batched } of [bad, good]) for (const text of ["first", "a"]) batched.send(text);
  bad.wire.failing = true;
  clock.moveTo(10_100);
  assert.deepEqual(good.wire.told, ["first", "a"]);
  assert.deepEqual(errors, ["batch: Error: no"]);
});

Deno.test("batched: bytes are joined as they are", () => {
  const bytes = (...all: number[]) => new Uint8Array(all);
  assert.deepEqual(joinBytes([bytes(1, 2), bytes(), bytes(3)]), bytes(1, 2, 3));
});
