import { envelopeBytes, startBare } from "../harness/bare.ts";
import { openReaders, publish, type Publishers, type Readers } from "../harness/load.ts";
import { nhipPublishers, nhipSockets, startNhip } from "../harness/nhip.ts";
import { cpuSeconds } from "../harness/process.ts";
import type { LoadPrograms } from "../harness/programs.ts";
import type { Scenario } from "../harness/scenario.ts";

const channel = "bench:a";
const connections = 1_000;
const warmUpSeconds = 2;
const seconds = 8;
const rate = 50;
const readSeconds = warmUpSeconds + seconds + 2;

export const cost: Scenario = {
  name: "cost",
  title: "Server CPU of one delivery: 50 messages a second to 1,000 WebSocket subscribers",
  async run(programs) {
    const ours = await nhip(programs);
    const bare = await bareDeno(programs);
    return [
      { what: "Nhịp", measured: ours, unit: "µs" },
      { what: "bare Deno, socket.send(string)", measured: bare, unit: "µs" },
      { what: "beside it", measured: ours / bare, unit: "×", target: { atMost: 1.25 } },
    ];
  },
};

async function nhip(programs: LoadPrograms): Promise<number> {
  await using server = await startNhip();
  const readers = nhipSockets(server, channel, { connections, seconds: readSeconds });
  const publishers = nhipPublishers(server, channel, { rate, seconds, connections: 4 });
  return await microseconds(programs, server.pid, readers, publishers);
}

async function bareDeno(programs: LoadPrograms): Promise<number> {
  await using server = await startBare();
  const readers = { port: server.port, path: "/", connections, seconds: readSeconds };
  const publishers = { url: server.url, rate, seconds, connections: 4, size: 200 + envelopeBytes };
  return await microseconds(programs, server.pid, readers, publishers);
}

/** CPU time of one delivery, what the publisher's requests cost included. */
async function microseconds(
  programs: LoadPrograms,
  pid: number,
  readers: Readers,
  publishers: Publishers,
): Promise<number> {
  await using open = await openReaders(programs, readers);
  await publish(programs, { ...publishers, seconds: warmUpSeconds });
  const before = await cpuSeconds(pid);
  const { acknowledged } = await publish(programs, publishers);
  const used = await cpuSeconds(pid) - before;
  await open.received;
  return used / (acknowledged * connections) * 1e6;
}
