import assert from "node:assert/strict";
import type { Polled } from "../../lib/bridge/poll.ts";
import { PollError } from "../../lib/bridge/poll_error.ts";
import { PollLoop } from "../../lib/bridge/poll_loop.ts";
import { type SourceStatus, Status } from "../../lib/bridge/status.ts";
import { FakeClock, settle, States } from "./support.ts";

const unchanged: Polled = { outcome: "unchanged", published: 0 };

/** A loop whose polls a test answers; `starts` are when they began. */
class Bench {
  readonly clock = new FakeClock();
  readonly states = new States();
  readonly starts: number[] = [];
  readonly outcomes: string[] = [];
  readonly errors: string[] = [];
  readonly changes: string[] = [];
  readonly stop = new AbortController();
  answer: () => Promise<Polled> = () => Promise.resolve(unchanged);
  readonly loop: PollLoop;
  readonly status: Status;
  readonly #began = this.clock.now();
  #under = 0;

  constructor(everyMs = 2_000) {
    const onError = (error: unknown, stage: string) => void this.errors.push(`${stage}: ${error}`);
    const { clock, states } = this;
    this.status = new Status(clock.now(), {
      channel: "sources:a",
      target: states,
      everyMs,
      onChange: (channel, { state, error }) => this.changes.push(`${channel} ${state} ${error}`),
      onError,
    });
    this.loop = new PollLoop({
      everyMs,
      clock,
      status: this.status,
      poll: () => this.#poll(),
      onPolled: (outcome, published) => void this.outcomes.push(`${outcome} ${published}`),
      onError,
    });
  }

  start(): Promise<void> {
    const { signal } = this.stop;
    return this.loop.run({
      signal,
      get valid() {
        return !signal.aborted;
      },
    });
  }

  /** Ends it and gives what was published of its status. */
  async end(running: Promise<void>): Promise<SourceStatus[]> {
    this.stop.abort();
    await running;
    assert.equal(this.clock.waiting, 0);
    assert.equal(this.loop.state, "idle");
    await this.states[Symbol.asyncDispose]();
    return this.states.published.all.map(({ body }) => JSON.parse(body).data);
  }

  fails(message = "answered 500"): void {
    this.answer = () => Promise.reject(new PollError("status", message));
  }

  gaps(): number[] {
    return this.starts.slice(1).map((at, i) => at - (this.starts[i] ?? 0));
  }

  async #poll(): Promise<Polled> {
    assert.equal(this.#under, 0, "polls overlap");
    this.#under++;
    this.starts.push(this.clock.now() - this.#began);
    try {
      return await this.answer();
    } finally {
      this.#under--;
    }
  }
}

Deno.test("poll loop: at once, then in each interval from start to start", async () => {
  const bench = new Bench();
  const running = bench.start();
  await bench.clock.advance(0);
  assert.equal(bench.loop.state, "resting");
  await bench.clock.advance(6_000);
  assert.deepEqual(bench.starts, [0, 2_000, 4_000, 6_000]);
  assert.deepEqual(bench.outcomes, Array(4).fill("unchanged 0"));
  await bench.end(running);
});

Deno.test("poll loop: the interval is up to a twentieth shorter, and never longer", async () => {
  const bench = new Bench();
  bench.clock.chance = 0;
  const running = bench.start();
  await bench.clock.advance(1_900);
  bench.clock.chance = 1;
  await bench.clock.advance(1_900);
  await bench.clock.advance(2_000);
  assert.deepEqual(bench.gaps().map(Math.round), [1_900, 1_900, 2_000]);
  await bench.end(running);
});

Deno.test("poll loop: one that takes longer than the interval is followed at once", async () => {
  const bench = new Bench();
  const slow = Promise.withResolvers<Polled>();
  bench.answer = () => slow.promise;
  const running = bench.start();
  await bench.clock.advance(5_000);
  assert.equal(bench.loop.state, "polling");
  assert.deepEqual(bench.starts, [0]);
  bench.answer = () => Promise.resolve(unchanged);
  slow.resolve(unchanged);
  await bench.clock.advance(2_000);
  assert.deepEqual(bench.starts, [0, 5_000, 7_000]);
  await bench.end(running);
});

Deno.test("poll loop: failures back off to 30 s, and success ends it", async () => {
  const bench = new Bench();
  bench.fails();
  const running = bench.start();
  await bench.clock.advance(124_000);
  assert.equal(bench.loop.state, "backing_off");
  assert.deepEqual(bench.gaps(), [4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  bench.answer = () => Promise.resolve(unchanged);
  await bench.clock.advance(24_000);
  await bench.clock.advance(4_000);
  assert.deepEqual(bench.gaps().slice(6), [30_000, 2_000, 2_000]);
  await bench.end(running);
});

Deno.test("poll loop: backing off is jittered, and never quicker than the interval", async () => {
  for (const [everyMs, chance, expected] of [[2_000, 0, 2_000], [60_000, 0, 60_000]] as const) {
    const bench = new Bench(everyMs);
    bench.clock.chance = chance;
    bench.fails();
    const running = bench.start();
    await bench.clock.advance(expected);
    assert.deepEqual(bench.gaps(), [expected]);
    await bench.end(running);
  }
});

Deno.test("poll loop: tells its status when it changes, and why", async () => {
  const bench = new Bench();
  const started = bench.clock.now();
  const running = bench.start();
  await bench.clock.advance(3_000);
  bench.fails();
  await bench.clock.advance(10_000);
  bench.fails("answered 401");
  await bench.clock.advance(10_000);
  bench.answer = () => Promise.resolve(unchanged);
  await bench.clock.advance(20_000);
  const told = await bench.end(running);
  const relative = told.map(({ since, checkedAt, ...rest }) => ({
    ...rest,
    since: since - started,
    checkedAt: checkedAt === null ? null : checkedAt - started,
  }));
  assert.deepEqual(relative, [
    { state: "starting", error: null, failures: 0, since: 0, checkedAt: null },
    { state: "live", error: null, failures: 0, since: 0, checkedAt: 0 },
    { state: "stale", error: "answered 500", failures: 1, since: 4_000, checkedAt: 2_000 },
    { state: "stale", error: "answered 401", failures: 3, since: 4_000, checkedAt: 2_000 },
    { state: "live", error: null, failures: 0, since: 32_000, checkedAt: 32_000 },
  ]);
  assert.deepEqual(bench.changes, [
    "sources:a live null",
    "sources:a stale answered 500",
    "sources:a stale answered 401",
    "sources:a live null",
  ]);
});

Deno.test("poll loop: a status that could not be published is published with the next poll", async () => {
  const bench = new Bench();
  bench.states.failures.push(new Error("away"), new Error("still away"));
  const running = bench.start();
  await bench.clock.advance(2_000);
  assert.deepEqual(bench.errors, [
    "bridge status: Error: away",
    "bridge status: Error: still away",
  ]);
  const told = await bench.end(running);
  assert.deepEqual(told.map(({ state }) => state), ["live"]);
});

Deno.test("poll loop: a fault of ours is one, and is not told", async () => {
  const bench = new Bench();
  bench.answer = () => Promise.reject(new TypeError("s3cret is not a function"));
  const running = bench.start();
  await settle();
  assert.deepEqual(bench.outcomes, ["internal 0"]);
  assert.deepEqual(bench.errors, ["bridge poll: TypeError: s3cret is not a function"]);
  const told = await bench.end(running);
  assert.deepEqual(told.map(({ error }) => error), [null, "a fault of the server's"]);
});

Deno.test("poll loop: what a poll came to after the hold is nobody's business", async () => {
  const bench = new Bench();
  const slow = Promise.withResolvers<Polled>();
  bench.answer = () => slow.promise;
  const running = bench.start();
  await settle();
  bench.stop.abort();
  slow.reject(bench.stop.signal.reason);
  const told = await bench.end(running);
  assert.deepEqual([bench.outcomes, bench.errors], [[], []]);
  assert.deepEqual(told.map(({ state }) => state), ["starting"]);
});

Deno.test("poll loop: a status that goes on is renewed before its time is over", async () => {
  const bench = new Bench(60_000);
  const running = bench.start();
  await bench.clock.advance(3 * 3_600_000);
  const published = await bench.end(running);
  const live = published.filter(({ state }) => state === "live");
  assert.equal(live.length, 9 + 1);
  assert.deepEqual(bench.changes, ["sources:a live null"]);
});
