/** What Linux tells of a process: CPU time and resident memory. */

/** Clock ticks a second, as Linux reports CPU time on every platform Deno runs on. */
const ticks = 100;

/** Seconds of CPU, user and system, that all its threads have used. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The command's name, in parentheses, may hold anything; the fields follow it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** Mebibytes. */
export async function residentMemory(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}
