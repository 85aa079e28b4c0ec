import { envelopeBytes, startBare } from "../harness/bare.ts";
import { startChild } from "../harness/child.ts";
import { publish, type Publishers, type Received } from "../harness/load.ts";
import { nhipPublishers, startNhip } from "../harness/nhip.ts";
import { cpuSeconds } from "../harness/process.ts";
import type { LoadPrograms } from "../harness/programs.ts";
import type { Scenario } from "../harness/scenario.ts";

const channels = 10_000;
const groupSize = 5;
const channelsEach = 100;
const groups = channels / channelsEach;
/** Each channel has a message every ten seconds. */
const rate = channels / 10;
const warmUpSeconds = 2;
const seconds = 10;
const reader = new URL("../load/many_channels.ts", import.meta.url).pathname;

export const manyChannels: Scenario = {
  name: "many-channels",
  title: "10,000 channels with 5 subscribers each (500 sockets), 1,000 messages a second in all",
  async run(programs) {
    const ours = await nhip(programs);
    const bare = await bareDeno(programs);
    return [
      { what: "Nhịp", measured: ours.cpu * 100, unit: "% of a core" },
      { what: "bare Deno, the same frames", measured: bare.cpu * 100, unit: "% of a core" },
      { what: "beside it", measured: ours.cpu / bare.cpu, unit: "×" },
      { what: "lost", measured: ours.lost, unit: "deliveries", target: { atMost: 0 } },
      { what: "p50", measured: ours.p50, unit: "ms" },
      { what: "p99", measured: ours.p99, unit: "ms" },
      { what: "p99 of bare Deno", measured: bare.p99, unit: "ms" },
    ];
  },
};

interface Measured {
  /** Cores. */
  readonly cpu: number;
  readonly lost: number;
  readonly p50: number;
  readonly p99: number;
}

async function nhip(programs: LoadPrograms): Promise<Measured> {
  await using server = await startNhip();
  const url = `ws://127.0.0.1:${server.port}/connection/websocket`;
  const publishers = nhipPublishers(server, "bench:{n}", { rate, seconds, connections: 16 });
  const sockets = [`${groupSize}`, `${channelsEach}`];
  return await measure(programs, server.pid, [url, ...sockets], { ...publishers, channels });
}

async function bareDeno(programs: LoadPrograms): Promise<Measured> {
  await using server = await startBare(groupSize);
  const publishers = {
    url: `${server.url}{n}`,
    channels: groups,
    rate,
    seconds,
    connections: 16,
    size: 200 + envelopeBytes,
  };
  return await measure(programs, server.pid, [`ws://127.0.0.1:${server.port}/`], publishers);
}

async function measure(
  programs: LoadPrograms,
  pid: number,
  [url = "", ...subscribing]: readonly string[],
  publishers: Publishers,
): Promise<Measured> {
  const readSeconds = warmUpSeconds + seconds + 2;
  const sockets = groups * groupSize;
  await using readers = await startChild(Deno.execPath(), [
    "run",
    "--allow-net",
    reader,
    url,
    `${sockets}`,
    `${readSeconds}`,
    ...subscribing,
  ]);
  const warm = await publish(programs, { ...publishers, seconds: warmUpSeconds });
  const before = await cpuSeconds(pid);
  const timed = await publish(programs, publishers);
  const cpu = (await cpuSeconds(pid) - before) / timed.seconds;
  const { messages, p50, p99 }: Received = JSON.parse(await readers.lastLine);
  const sent = warm.acknowledged + timed.acknowledged;
  return { cpu, lost: sent * groupSize - messages, p50, p99 };
}
