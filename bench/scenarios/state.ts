import { publish, type Published } from "../harness/load.ts";
import { nhipPublishers, startNhip } from "../harness/nhip.ts";
import { cpuSeconds } from "../harness/process.ts";
import type { LoadPrograms } from "../harness/programs.ts";
import type { Scenario } from "../harness/scenario.ts";
import { stateChannels } from "../harness/state.ts";

const connections = 64;
const seconds = 8;
const keys = 1_000;

export const state: Scenario = {
  name: "state",
  title:
    `HTTP map_publish, ${keys.toLocaleString("en")} keys, beside publish into a kept history, ` +
    `${connections} connections`,
  async run(programs) {
    const plain = await measure(programs, "publish", "public:a");
    const keyed = await measure(programs, "map_publish", "state:a", keys);
    return [
      { what: "publish acknowledged", measured: plain.perSecond, unit: "msg/s" },
      { what: "map_publish acknowledged", measured: keyed.perSecond, unit: "msg/s" },
      { what: "beside it", measured: keyed.perSecond / plain.perSecond, unit: "×" },
      { what: "publish p99", measured: plain.p99, unit: "ms" },
      { what: "map_publish p99", measured: keyed.p99, unit: "ms" },
      { what: "server CPU of a publish", measured: plain.cpu, unit: "µs" },
      { what: "server CPU of a map_publish", measured: keyed.cpu, unit: "µs" },
      {
        what: "refused",
        measured: plain.bad + keyed.bad,
        unit: "requests",
        target: { atMost: 0 },
      },
    ];
  },
};

/** @returns `cpu` in microseconds for each that was acknowledged. */
async function measure(
  programs: LoadPrograms,
  method: string,
  channel: string,
  keys?: number,
): Promise<Published & { readonly cpu: number }> {
  await using server = await startNhip({}, stateChannels);
  const publishers = {
    ...nhipPublishers(server, channel, { seconds, connections }),
    url: `${server.url}/api/${method}`,
    ...(keys !== undefined && { keys }),
  };
  // The first second compiles; it is not the figure.
  await publish(programs, { ...publishers, seconds: 1 });
  const before = await cpuSeconds(server.pid);
  const published = await publish(programs, publishers);
  const used = await cpuSeconds(server.pid) - before;
  return { ...published, cpu: used / published.acknowledged * 1e6 };
}
