import { startChild } from "../harness/child.ts";
import { freePort } from "../../tests/support/server.ts";
import { openReaders, publish, type Received } from "../harness/load.ts";
import { nhipPublishers, nhipSockets, startNhip } from "../harness/nhip.ts";
import { cpuSeconds, residentMemory } from "../harness/process.ts";
import type { LoadPrograms } from "../harness/programs.ts";
import { type Figure, pause, type Scenario } from "../harness/scenario.ts";

const channel = "bench:a";
const connections = 1_000;
const seconds = 15;
const saturatedSeconds = 6;

export const websocketFanOut: Scenario = {
  name: "websocket",
  title: "1,000 WebSocket subscribers, 2,000 messages a second from 64 publishing connections",
  async run(programs) {
    const figures = await paced(programs);
    const ours = await saturated(programs);
    const limit = await oneWriteEach(programs);
    return [
      ...figures,
      { what: "at saturation", measured: ours.perSecond, unit: "deliveries/s" },
      { what: "C, one write() each, the same", measured: limit.perSecond, unit: "deliveries/s" },
      {
        what: "beside it",
        measured: ours.perSecond / limit.perSecond,
        unit: "×",
        target: { atLeast: 7 },
      },
    ];
  },
};

async function paced(programs: LoadPrograms): Promise<Figure[]> {
  await using server = await startNhip();
  await using readers = await openReaders(
    programs,
    nhipSockets(server, channel, { connections, seconds: seconds + 2 }),
  );
  const start = await residentMemory(server.pid);
  const before = await cpuSeconds(server.pid);
  const publishing = publish(
    programs,
    nhipPublishers(server, channel, { rate: 2_000, seconds, connections: 64 }),
  );
  await pause(seconds / 2);
  const middle = await residentMemory(server.pid);
  const published = await publishing;
  const end = await residentMemory(server.pid);
  const cores = (await cpuSeconds(server.pid) - before) / published.seconds;
  const received = await readers.received;
  return [
    {
      what: "delivered",
      measured: received.perSecond,
      unit: "deliveries/s",
      target: { atLeast: 1_600_000 },
    },
    { what: "p50", measured: received.p50, unit: "ms" },
    { what: "p99", measured: received.p99, unit: "ms", target: { atMost: 100 } },
    { what: "acknowledged", measured: published.perSecond, unit: "msg/s" },
    { what: "acknowledgement p99", measured: published.p99, unit: "ms" },
    { what: "lost", measured: lost(published.acknowledged, received), unit: "deliveries" },
    { what: "cut off", measured: received.closed, unit: "connections", target: { atMost: 0 } },
    { what: "server CPU", measured: cores, unit: "cores" },
    { what: "memory at the start", measured: start, unit: "MiB" },
    { what: "memory in the middle", measured: middle, unit: "MiB" },
    {
      what: "memory at the end",
      measured: end,
      unit: "MiB",
      // No queue grows; the garbage collector's ups and downs are its own.
      target: { atMost: Math.max(middle, start) * 1.5 },
    },
  ];
}

function lost(acknowledged: number, { messages }: Received): number {
  return acknowledged * connections - messages;
}

/** As much as eight publishing connections can, each waiting for its answers. */
async function saturated(programs: LoadPrograms): Promise<Received> {
  await using server = await startNhip();
  await using readers = await openReaders(
    programs,
    nhipSockets(server, channel, { connections, seconds: saturatedSeconds + 2 }),
  );
  await publish(
    programs,
    nhipPublishers(server, channel, { seconds: saturatedSeconds, connections: 8 }),
  );
  return await readers.received;
}

async function oneWriteEach(programs: LoadPrograms): Promise<Received> {
  const port = freePort();
  await using _server = await startChild(programs.climit, [String(port)]);
  await using readers = await openReaders(
    programs,
    { port, path: "/", connections, seconds: saturatedSeconds + 2 },
  );
  const url = `http://127.0.0.1:${port}/`;
  await publish(programs, { url, seconds: saturatedSeconds, connections: 8 });
  return await readers.received;
}
