/** A program as a child process with a folder of its own, which listens on 127.0.0.1. */
import { eventually } from "../clients/eventually.ts";
import { type Program, requireProgram } from "../programs.ts";
import { freePort } from "../server.ts";

export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** @throws TypeError when it has ended. */
  signal(signal: Deno.Signal): void;
}

export interface ProgramOptions {
  readonly program: Program;
  /** In the foreground: the process that is started is the one that is ended. */
  readonly args: (place: Place) => readonly string[];
  /** The text of its configuration file. */
  readonly configuration: (place: Place) => string;
}

export interface Place {
  readonly port: number;
  /** Removed in the end. */
  readonly folder: string;
  /** Of its configuration. */
  readonly file: string;
}

/** Resolves when it takes connections. @throws Error with what it printed, when it ends before. */
export async function startProgram(options: ProgramOptions): Promise<Listening> {
  const folder = await Deno.makeTempDir({ prefix: `nhip-${options.program}-` });
  const port = freePort();
  const place = { port, folder, file: `${folder}/configuration` };
  await Deno.writeTextFile(place.file, options.configuration(place));
  const process = new Deno.Command(requireProgram(options.program), {
    args: [...options.args(place)],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const printed = read(process.stderr);
  let ended = false;
  const end = process.status.then(() => void (ended = true));
  const listening: Listening = {
    port,
    signal: (signal) => process.kill(signal),
    async [Symbol.asyncDispose]() {
      if (!ended) process.kill("SIGTERM");
      await end;
      await printed;
      await Deno.remove(folder, { recursive: true });
    },
  };
  try {
    await eventually(() => ended || accepts(port), `${options.program} listens`);
    if (ended) throw new Error(`${options.program} ended:\n${await printed}`);
  } catch (error) {
    await listening[Symbol.asyncDispose]();
    throw error;
  }
  return listening;
}

/** The end of what it printed. */
async function read(stderr: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const chunk of stderr.pipeThrough(new TextDecoderStream())) {
    text = (text + chunk).slice(-10_000);
  }
  return text;
}

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
