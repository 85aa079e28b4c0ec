/** Linux counts CPU time in hundredths of a second. */
const tickMs = 10;

/**
 * Milliseconds of CPU, user and system, that all threads of a process have used; null: this system does
 * not tell. By `cat`, for Deno gives files of /proc only to who may do everything.
 */
export async function cpuMs(pid: number): Promise<number | null> {
  if (Deno.build.os !== "linux") return null;
  const { success, stdout } = await new Deno.Command("cat", {
    args: [`/proc/${pid}/stat`],
    stderr: "null",
  }).output();
  if (!success) return null;
  const stat = new TextDecoder().decode(stdout);
  // The command's name, in parentheses, may hold anything; the fields follow it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
