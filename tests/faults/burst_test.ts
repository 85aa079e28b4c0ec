import assert from "node:assert/strict";
import { openOnEach } from "../support/clients/isolates.ts";
import { metric } from "../support/clients/metrics.ts";
import { opens } from "../support/clients/mod.ts";
import { Poster } from "../support/clients/poster.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { faultyMain, stopAndCount } from "./support/counts.ts";
import { follow } from "./support/follower.ts";

const isolates = 3;
const count = 50_000;
const maxMs = 120_000;
const maxResidentMb = 400;
const channels = {
  namespaces: [{
    name: "burst",
    history: { size: 60_000, ttl: "1h" },
    allow: { subscribe: "anyone" },
  }],
};

type Publish = (port: number, channel: string) => Promise<void>;

Deno.test("50,000 publications of 200 bytes into one channel as fast as possible, over HTTP by 64 connections and again by /api/batch, with subscribers on 3 isolates over all three transports: every subscriber gets every one, in order, none twice, though BroadcastChannel dropped some; resident memory stays under 400 MB", async () => {
  await using server = await startServer({
    isolates,
    channels,
    entry: faultyMain,
    env: {
      // Bursts of other traffic on the bus, so that it does drop announcements.
      TEST_BUS: JSON.stringify({ floodMs: 50 }),
      DENO_V8_FLAGS: await v8FlagsOfTask(),
    },
  });
  await burst(server, "burst:http", publishSingly);
  await burst(server, "burst:batch", publishInBatches);
  const peak = await peakMb(server.pid);
  const gaps = await metric(server.url, "nhip_gaps_total");
  const { posted, dropped } = await stopAndCount(server, isolates);
  report(`peak resident memory ${peak} MB; ${dropped} of ${posted * (isolates - 1)}`);
  report(`announcements dropped; ${gaps} holes filled from the log`);
  assert.ok(dropped > 0, "BroadcastChannel dropped nothing: the test shows nothing");
  assert.ok(gaps > 0);
  assert.ok(peak < maxResidentMb, `${peak} MB`);
});

async function burst(server: TestServer, channel: string, publish: Publish): Promise<void> {
  const { url, port } = server;
  const signal = AbortSignal.timeout(maxMs);
  await using open = await openOnEach(url, isolates, { channels: [channel] });
  assert.equal(open.clients.length, 3 * isolates);
  const logs = open.clients.map((first) => {
    const log: Log = { offsets: [], numbers: [] };
    const done = follow(url, {
      open: opens[first.transport],
      first,
      channels: [channel],
      signal,
      onMessage: ({ offset, data }) => {
        log.offsets.push(offset ?? 0);
        log.numbers.push((data as { n: number }).n);
      },
      done: ({ offset }) => offset === count,
    });
    return { name: first.transport, log, done };
  });
  const began = performance.now();
  await publish(port, channel);
  const published = performance.now() - began;
  const results = await Promise.all(logs.map(({ done }) => done));
  const took = performance.now() - began;
  const ended = results.reduce((sum, { reconnects }) => sum + reconnects, 0);
  report(
    `${channel}: ${Math.round(count / published * 1_000)} acknowledged/s; ` +
      `all ${logs.length} subscribers had all after ${Math.round(took)} ms; ${ended} reconnected`,
  );
  assert.ok(results.every(({ lost }) => lost === 0));
  const [one] = logs;
  assert.deepEqual(one?.log.numbers.toSorted((a, b) => a - b), sequence, "each exactly once");
  for (const { name, log } of logs) {
    assert.deepEqual(log.offsets, sequence, name);
    assert.deepEqual(log.numbers, one?.log.numbers, name);
  }
}

interface Log {
  readonly offsets: number[];
  readonly numbers: number[];
}

const sequence = Array.from({ length: count }, (_, i) => i + 1);

/** `data` of exactly 200 bytes. */
function data(n: number): string {
  const text = `{"n":${n},"x":"`;
  return `${text.padEnd(198, "x")}"}`;
}

async function publishSingly(port: number, channel: string): Promise<void> {
  let next = 1;
  await Promise.all(Array.from({ length: 64 }, async () => {
    using poster = await Poster.connect(port);
    while (next <= count) {
      const body = `{"channel":"${channel}","data":${data(next++)}}`;
      const answer = await poster.post("/api/publish", body);
      assert.match(answer, /"offset":\d/);
    }
  }));
}

async function publishInBatches(port: number, channel: string): Promise<void> {
  const size = 500;
  let next = 1;
  await Promise.all(Array.from({ length: 4 }, async () => {
    using poster = await Poster.connect(port);
    while (next <= count) {
      const commands = Array.from(
        { length: size },
        () => `{"publish":{"channel":"${channel}","data":${data(next++)}}}`,
      );
      const answer = await poster.post("/api/batch", `{"commands":[${commands.join(",")}]}`);
      assert.equal(answer.split('"offset":').length - 1, size, answer.slice(0, 500));
    }
  }));
}

/** Those with which `deno task parallel` keeps the heaps of several isolates small. */
async function v8FlagsOfTask(): Promise<string> {
  const file = await Deno.readTextFile(new URL("../../deno.json", import.meta.url));
  const { tasks } = JSON.parse(file) as { tasks: { parallel: { command: string } } };
  return /--v8-flags=(\S+)/.exec(tasks.parallel.command)?.[1] ?? "";
}

/** The most it ever had, as the kernel counts. */
async function peakMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024);
}

function report(line: string): void {
  // deno-lint-ignore no-console -- what the run measured
  console.log(line);
}
