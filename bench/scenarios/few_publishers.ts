import { openReaders, publish } from "../harness/load.ts";
import { nhipPublishers, nhipSockets, startNhip } from "../harness/nhip.ts";
import type { Scenario } from "../harness/scenario.ts";

const seconds = 8;

export const fewPublishers: Scenario = {
  name: "few-publishers",
  title: "1,000 WebSocket subscribers, 4 publishing connections that each wait for their answer",
  async run(programs) {
    await using server = await startNhip();
    const channel = "bench:a";
    await using readers = await openReaders(
      programs,
      nhipSockets(server, channel, { connections: 1_000, seconds: seconds + 2 }),
    );
    const published = await publish(
      programs,
      nhipPublishers(server, channel, { seconds, connections: 4 }),
    );
    const received = await readers.received;
    return [
      { what: "published", measured: published.perSecond, unit: "msg/s", target: { atLeast: 400 } },
      { what: "acknowledgement p99", measured: published.p99, unit: "ms" },
      { what: "delivered", measured: received.perSecond, unit: "deliveries/s" },
      { what: "p99", measured: received.p99, unit: "ms" },
    ];
  },
};
