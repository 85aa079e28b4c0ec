/** The processes that the tool has started and that still run: none outlives it. */
const running = new Set<Deno.ChildProcess>();

/** @throws Deno.errors.NotFound where there is no such program */
export function start(path: string, options: Deno.CommandOptions): Deno.ChildProcess {
  const child = new Deno.Command(path, options).spawn();
  running.add(child);
  child.status.then(() => running.delete(child));
  return child;
}

/** When the tool is told to end, they are, and then what they left is cleaned up. */
export function endWithSignals(cleanUp: () => Promise<void>): void {
  const end = async () => {
    const all = [...running];
    for (const child of all) child.kill("SIGTERM");
    await Promise.all(all.map(({ status }) => status));
    await cleanUp();
    Deno.exit(130);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, end);
}
