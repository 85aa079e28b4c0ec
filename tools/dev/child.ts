/** A program that runs beside this one and ends with it. */
export interface Child {
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
  /** Asks it to end, and makes it after a while. Resolves when it has. */
  stop(): Promise<void>;
}

/** A little more than the server takes at most to send its clients away. */
const patienceMs = 6_000;

/** @param args of `deno`; its output goes where ours goes */
export function startDeno(args: readonly string[], env: Readonly<Record<string, string>>): Child {
  const process = new Deno.Command(Deno.execPath(), {
    args: [...args],
    env,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  let running = true;
  const ended = process.status.then(({ code }) => {
    running = false;
    return code;
  });
  const send = (signal: Deno.Signal) => {
    if (running) process.kill(signal);
  };
  return {
    ended,
    async stop() {
      send("SIGTERM");
      const timer = setTimeout(() => send("SIGKILL"), patienceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
