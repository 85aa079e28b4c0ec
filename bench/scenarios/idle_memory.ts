import { startBare } from "../harness/bare.ts";
import { openReaders, type Readers } from "../harness/load.ts";
import { nhipSockets, startNhip } from "../harness/nhip.ts";
import { residentMemory } from "../harness/process.ts";
import type { LoadPrograms } from "../harness/programs.ts";
import { pause, type Scenario } from "../harness/scenario.ts";

const connections = 5_000;
/** Until what opening them left behind has been collected. */
const settleSeconds = 4;
const seconds = settleSeconds + 1;

export const idleMemory: Scenario = {
  name: "idle-memory",
  title: "Memory of an idle WebSocket with one subscription, of 5,000",
  async run(programs) {
    const ours = await nhip(programs);
    const bare = await bareDeno(programs);
    return [
      { what: "Nhịp", measured: ours, unit: "KiB" },
      { what: "bare Deno", measured: bare, unit: "KiB" },
      { what: "beside it", measured: ours / bare, unit: "×", target: { atMost: 1.5 } },
    ];
  },
};

async function nhip(programs: LoadPrograms): Promise<number> {
  await using server = await startNhip();
  return await kibibytesEach(
    programs,
    server.pid,
    nhipSockets(server, "bench:a", { connections, seconds }),
  );
}

async function bareDeno(programs: LoadPrograms): Promise<number> {
  await using server = await startBare();
  const readers = { port: server.port, path: "/", connections, seconds };
  return await kibibytesEach(programs, server.pid, readers);
}

async function kibibytesEach(
  programs: LoadPrograms,
  pid: number,
  readers: Readers,
): Promise<number> {
  // One before, so that what the first costs is not counted for the rest.
  {
    await using first = await openReaders(programs, { ...readers, connections: 1, seconds: 1 });
    await first.received;
  }
  const before = await residentMemory(pid);
  await using open = await openReaders(programs, readers);
  await pause(settleSeconds);
  const after = await residentMemory(pid);
  const { closed } = await open.received;
  if (closed > 0) throw new Error(`${closed} connections were closed`);
  return (after - before) * 1_024 / connections;
}
