/** A child process that says READY when it is, and may end with a line of JSON. */

export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** The last line it prints, once it has ended. */
  readonly lastLine: Promise<string>;
}

/**
 * Resolves at its READY line, or at once where `ready` is false. Its errors are the bench's.
 * Disposing kills it.
 */
export async function startChild(
  program: string,
  args: readonly string[],
  { ready = true }: { ready?: boolean } = {},
): Promise<Child> {
  const process = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let ended = false;
  const status = process.status.then((status) => {
    ended = true;
    return status;
  });
  const started = Promise.withResolvers<void>();
  const lastLine = read(process.stdout, started.resolve).then(async (line) => {
    const { success, code } = await status;
    if (success) return line;
    throw new Error(`${program} ended with ${code}`);
  });
  lastLine.catch(started.reject);
  if (ready) await started.promise;
  return {
    pid: process.pid,
    lastLine,
    async [Symbol.asyncDispose]() {
      if (!ended) process.kill("SIGKILL");
      await lastLine.catch(() => {});
    },
  };
}

async function read(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  ready: () => void,
): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (/^READY$/m.test(text)) ready();
  }
  return text.trimEnd().split("\n").at(-1) ?? "";
}
