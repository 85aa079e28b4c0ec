import { openReaders, publish } from "../harness/load.ts";
import { nhipEvents, nhipPublishers, startNhip } from "../harness/nhip.ts";
import { cpuSeconds, residentMemory } from "../harness/process.ts";
import type { Scenario } from "../harness/scenario.ts";

const channel = "bench:a";
const connections = 1_000;
const seconds = 10;

export const sseFanOut: Scenario = {
  name: "sse",
  title: "1,000 SSE subscribers, 1,000 messages a second from 64 publishing connections",
  async run(programs) {
    await using server = await startNhip();
    await using readers = await openReaders(
      programs,
      nhipEvents(server, channel, { connections, seconds: seconds + 2 }),
    );
    const before = await cpuSeconds(server.pid);
    const published = await publish(
      programs,
      nhipPublishers(server, channel, { rate: 1_000, seconds, connections: 64 }),
    );
    const cores = (await cpuSeconds(server.pid) - before) / published.seconds;
    const memory = await residentMemory(server.pid);
    const { perSecond, p50, p99, messages, closed } = await readers.received;
    const lost = published.acknowledged * connections - messages;
    return [
      {
        what: "delivered",
        measured: perSecond,
        unit: "deliveries/s",
        target: { atLeast: 900_000 },
      },
      { what: "p50", measured: p50, unit: "ms" },
      { what: "p99", measured: p99, unit: "ms", target: { atMost: 150 } },
      { what: "lost", measured: lost, unit: "deliveries" },
      { what: "cut off", measured: closed, unit: "connections", target: { atMost: 0 } },
      { what: "server CPU", measured: cores, unit: "cores" },
      { what: "memory at the end", measured: memory, unit: "MiB" },
    ];
  },
};
