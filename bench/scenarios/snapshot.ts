import type { TestServer } from "../../tests/support/server.ts";
import { startBareSnapshot } from "../harness/bare.ts";
import { startChild } from "../harness/child.ts";
import { openReaders, publish, type Received } from "../harness/load.ts";
import { nhipEvents, nhipPublishers, nhipSockets, startNhip } from "../harness/nhip.ts";
import { cpuSeconds } from "../harness/process.ts";
import type { LoadPrograms } from "../harness/programs.ts";
import { type Figure, type Scenario } from "../harness/scenario.ts";
import { fill, stateChannels } from "../harness/state.ts";

const channel = "state:a";
/** Newcomers to it cost what connecting costs. */
const emptyChannel = "state:empty";
const others = "bench:a";
const keys = 10_000;
const size = 150;
const pageLimit = 1_000;
const newcomers = 200;
const subscribers = 50;
const rate = 50;
const seconds = 8;
/** From one wave of newcomers to the next; by then each should have the whole state. */
const every = 2;
const rounds = 3;

export const snapshot: Scenario = {
  name: "snapshot",
  title:
    `${keys.toLocaleString("en")} keys to ${newcomers} new subscribers at once, half of them ` +
    `WebSockets; ${subscribers} others get ${rate} messages a second`,
  async run(programs) {
    await using server = await startNhip({}, stateChannels);
    await fill(server, channel, { keys, size });
    const first = await newcome(programs, server, { events: 1 });
    // Somebody is there: a newcomer finds the channel open.
    await using _one = await openReaders(
      programs,
      nhipEvents(server, channel, { connections: 1, seconds: 120 }),
    );
    const entrySize = Math.round(first.bytes / keys);
    const costs = await costsOfEach(programs, server, entrySize);
    const quiet: Received[] = [];
    const connected: Waves[] = [];
    for (let i = 0; i < rounds; i++) {
      quiet.push(await steady(programs, server, seconds));
      connected.push(await whileTheyAsk(programs, server));
    }
    const before = median(quiet.map(({ p99 }) => p99));
    const asking = median(connected.map(({ p99 }) => p99));
    const during = await whileTheyCome(programs, server, server);
    const connecting = await whileTheyCome(programs, server, server, emptyChannel);
    await using bare = await startBareSnapshot(keys, entrySize);
    const elsewhere = await whileTheyCome(programs, server, bare);
    return [
      { what: "the first of all, channel not open", measured: first.seconds * 1e3, unit: "ms" },
      { what: "the state", measured: first.bytes / 2 ** 20, unit: "MiB" },
      {
        what: `the last of ${newcomers}`,
        measured: Math.max(...connected.map(({ lastSeconds }) => lastSeconds)),
        unit: "s",
        target: { atMost: every },
      },
      { what: "the others' p99 before", ...ms(before) },
      {
        what: `while ${newcomers} connected ask for it, all at once every ${every} s`,
        ...ms(asking),
      },
      { what: "beside before", measured: asking / before, unit: "×", target: { atMost: 2 } },
      { what: "their slowest", ...ms(Math.max(...connected.map(({ max }) => max))) },
      { what: "while as many newcomers connect and get it", ...ms(during.p99) },
      { what: "while they connect to an empty state", ...ms(connecting.p99) },
      { what: "while they connect to a bare Deno", ...ms(elsewhere.p99) },
      ...costs,
    ];
  },
};

/**
 * Server CPU of one newcomer among many, beside a bare server that has all pages at hand: what is
 * more is not shared among them.
 */
async function costsOfEach(
  programs: LoadPrograms,
  server: TestServer,
  entrySize: number,
): Promise<Figure[]> {
  await using bare = await startBareSnapshot(keys, entrySize);
  const figures: Figure[] = [];
  for (const transport of ["SSE", "WebSocket"]) {
    const who = transport === "SSE" ? { events: newcomers } : { sockets: newcomers };
    const ours = await costOfEach(programs, server, who);
    const least = await costOfEach(programs, bare, who);
    figures.push(
      { what: `server CPU of one of ${newcomers}, ${transport}`, measured: ours, unit: "ms" },
      { what: "bare Deno, pages at hand", measured: least, unit: "ms" },
      { what: "beside it", measured: ours / least, unit: "×", target: { atMost: 2 } },
    );
  }
  return figures;
}

/** Milliseconds; the first time warms up. */
async function costOfEach(
  programs: LoadPrograms,
  server: Pick<TestServer, "pid" | "port">,
  who: Newcomers,
): Promise<number> {
  await newcome(programs, server, who);
  const came = [];
  for (let i = 0; i < rounds; i++) came.push(await newcome(programs, server, who));
  return median(came.map(({ cpu }) => cpu)) / newcomers * 1e3;
}

interface Newcomers {
  readonly events?: number;
  readonly sockets?: number;
  readonly to?: string;
}

interface Came {
  /** Until the last has the whole state. */
  readonly seconds: number;
  readonly bytes: number;
  /** Seconds of the server. */
  readonly cpu: number;
}

async function newcome(
  { snapshots }: LoadPrograms,
  server: Pick<TestServer, "pid" | "port">,
  { events = 0, sockets = 0, to = channel }: Newcomers,
): Promise<Came> {
  const before = await cpuSeconds(server.pid);
  const args = [server.port, to, sockets, events, pageLimit].map(String);
  await using child = await startChild(snapshots, args, { ready: false });
  const came: { done: number; seconds: number; bytes: number } = JSON.parse(await child.lastLine);
  if (came.done < events + sockets) throw new Error(`only ${came.done} got the whole state`);
  return { ...came, cpu: await cpuSeconds(server.pid) - before };
}

/** What the others see. */
async function steady(
  programs: LoadPrograms,
  server: TestServer,
  seconds: number,
): Promise<Received> {
  await using readers = await openReaders(
    programs,
    nhipSockets(server, others, { connections: subscribers, seconds: seconds + 1 }),
  );
  await publish(programs, nhipPublishers(server, others, { rate, seconds, connections: 4 }));
  return await readers.received;
}

interface Waves extends Received {
  /** Of the slowest wave, until its last has the whole state. */
  readonly lastSeconds: number;
}

/** The same while newcomers come to a server, all at once, every so many seconds. */
async function whileTheyCome(
  programs: LoadPrograms,
  server: TestServer,
  theirs: Pick<TestServer, "pid" | "port">,
  to = channel,
): Promise<Waves> {
  const receiving = steady(programs, server, seconds);
  const waves: number[] = [];
  for (let wave = 0; wave < seconds / every; wave++) {
    const next = performance.now() + every * 1e3;
    const half = newcomers / 2;
    const came = await newcome(programs, theirs, { events: half, sockets: half, to });
    waves.push(came.seconds);
    await new Promise((go) => setTimeout(go, Math.max(0, next - performance.now())));
  }
  return { ...await receiving, lastSeconds: Math.max(...waves) };
}

/**
 * The same while connected clients subscribe, all at once, every so many seconds: in that time the
 * last of them should have it.
 */
async function whileTheyAsk(
  programs: LoadPrograms,
  server: TestServer,
): Promise<Waves> {
  const args = [server.port, channel, newcomers, 0, pageLimit, seconds / every, every].map(String);
  await using child = await startChild(programs.snapshots, args);
  const received = await steady(programs, server, seconds);
  const { done, seconds: lastSeconds }: { done: number; seconds: number } = JSON.parse(
    await child.lastLine,
  );
  if (done < newcomers) throw new Error(`only ${done} got the whole state`);
  return { ...received, lastSeconds };
}

function ms(measured: number) {
  return { measured, unit: "ms" } as const;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
