import { openReaders, publish } from "../harness/load.ts";
import { nhipPublishers, nhipSockets, startNhip } from "../harness/nhip.ts";
import type { Scenario } from "../harness/scenario.ts";

const seconds = 15;

export const atRest: Scenario = {
  name: "at-rest",
  title: "From HTTP request to receipt: one subscriber, one message a second",
  async run(programs) {
    await using server = await startNhip();
    const channel = "bench:a";
    await using readers = await openReaders(
      programs,
      nhipSockets(server, channel, { connections: 1, seconds: seconds + 1 }),
    );
    await publish(programs, nhipPublishers(server, channel, { rate: 1, seconds, connections: 1 }));
    const { messages, p50, max } = await readers.received;
    return [
      { what: "received", measured: messages, unit: "messages", target: { atLeast: seconds } },
      { what: "p50", measured: p50, unit: "ms", target: { atMost: 2 } },
      { what: "the slowest", measured: max, unit: "ms" },
    ];
  },
};
