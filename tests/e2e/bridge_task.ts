/** `deno task bridge` in a copy of the product, and a REST server for it to poll. */
import { within } from "../support/clients/eventually.ts";
import { freePort } from "../support/server.ts";
import { copyProduct } from "./development.ts";

const root = new URL("../../", import.meta.url).pathname;

export interface BridgeTask extends AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  /** Of the server. */
  readonly url: string;
  output(): string;
  stop(signal: Deno.Signal): Promise<number>;
}

/** Its own permissions, as the task gives them. */
async function taskFlags(): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const flags: string[] = [];
  for (const [flag] of String(tasks.bridge.command).matchAll(/--allow-[^"\s]*/g)) {
    flags.push(flag.startsWith("--allow-run") ? `--allow-run=${Deno.execPath()}` : flag);
  }
  return flags;
}

function command(flags: string[], args: readonly string[], cwd: string, env = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...flags, "tools/bridge.ts", ...args],
    cwd,
    env: { HOST: "", PORT: "", ALLOWED_ORIGINS: "", API_KEY: "", KV_PATH: "", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** For what ends by itself: its exit code and what it printed. */
export async function tryBridge(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly text: string }> {
  const { code, stdout, stderr } = await command(await taskFlags(), args, root, env).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Resolves when it says where to look. */
export async function startBridge(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<BridgeTask> {
  const folder = await copyProduct();
  const port = freePort();
  const flags = await taskFlags();
  const child = command(flags, [...args, "--port", `${port}`], folder, env).spawn();
  let text = "";
  const announced = Promise.withResolvers<void>();
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes("Ctrl-C")) announced.resolve();
    }
    announced.reject(new Error(`it ended:\n${text}`));
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  announced.promise.catch(() => {});
  let isRunning = true;
  const status = child.status.finally(() => isRunning = false);
  const task: BridgeTask = {
    folder,
    port,
    url: `http://127.0.0.1:${port}`,
    output: () => text,
    async stop(signal) {
      if (isRunning) child.kill(signal);
      const { code } = await status;
      await reading;
      return code;
    },
    async [Symbol.asyncDispose]() {
      await task.stop("SIGTERM");
      await Deno.remove(folder, { recursive: true });
    },
  };
  try {
    await within(announced.promise, "the banner", 60_000);
  } catch (error) {
    await task[Symbol.asyncDispose]();
    throw error;
  }
  return task;
}

export interface RestServer extends AsyncDisposable {
  /** With its path. */
  readonly url: string;
  document: unknown;
  answer: ((request: Request) => Response) | null;
}

/** Answers its document, or as it is told. */
export function startRest(document: unknown): RestServer {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => rest.answer?.(request) ?? Response.json(rest.document),
  );
  const rest: RestServer = {
    url: `http://127.0.0.1:${server.addr.port}/api/orders`,
    document,
    answer: null,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return rest;
}
