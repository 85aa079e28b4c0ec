import { publish } from "../harness/load.ts";
import { nhipPublishers, startNhip } from "../harness/nhip.ts";
import { cpuSeconds } from "../harness/process.ts";
import type { Scenario } from "../harness/scenario.ts";

const seconds = 8;

export const acknowledged: Scenario = {
  name: "acknowledged",
  title: "HTTP publish into a kept history, 64 connections",
  async run(programs) {
    await using server = await startNhip();
    // The first second compiles; it is not the figure.
    await publish(programs, nhipPublishers(server, "public:a", { seconds: 1, connections: 64 }));
    const before = await cpuSeconds(server.pid);
    const { acknowledged, perSecond, p50, p99, bad } = await publish(
      programs,
      nhipPublishers(server, "public:a", { seconds, connections: 64 }),
    );
    const cpu = (await cpuSeconds(server.pid) - before) / acknowledged * 1e6;
    return [
      { what: "acknowledged", measured: perSecond, unit: "msg/s", target: { atLeast: 15_000 } },
      { what: "p50", measured: p50, unit: "ms" },
      { what: "p99", measured: p99, unit: "ms" },
      { what: "server CPU of one", measured: cpu, unit: "µs" },
      { what: "refused", measured: bad, unit: "requests", target: { atMost: 0 } },
    ];
  },
};
