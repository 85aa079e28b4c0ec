/** `deno task dev` in a copy of the product, as after a fresh clone: it changes files around it. */
import { freePort } from "../support/server.ts";

export interface Development extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  output(): string;
  /** Sends a signal to the task; resolves with its exit code. */
  stop(signal: Deno.Signal): Promise<number>;
}

const root = new URL("../../", import.meta.url).pathname;
const parts = ["deno.json", "deno.lock", "main.ts", "lib", "routes", "islands", "static", "tools"];
export const devApiKey = "development-key-of-the-tests-0123456789";

/** Resolves when it says what its address is. */
export async function startDevelopment(): Promise<Development> {
  const folder = await copyProduct();
  const port = freePort();
  const task = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tools/dev.ts"],
    cwd: folder,
    env: { PORT: `${port}`, HOST: "127.0.0.1", API_KEY: devApiKey, KV_PATH: "" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const url = `http://127.0.0.1:${port}`;
  let text = "";
  const { promise: announced, resolve, reject } = Promise.withResolvers<void>();
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes(`Nhịp   ${url}/`)) resolve();
    }
    reject(new Error(`it ended:\n${text}`));
  };
  const reading = Promise.all([read(task.stdout), read(task.stderr)]);
  announced.catch(() => {});
  let running = true;
  const status = task.status.finally(() => running = false);
  const stop = async (signal: Deno.Signal) => {
    if (running) task.kill(signal);
    const { code } = await status;
    await reading;
    return code;
  };
  const development: Development = {
    url,
    folder,
    output: () => text,
    stop,
    async [Symbol.asyncDispose]() {
      await stop("SIGTERM");
      await Deno.remove(folder, { recursive: true });
    },
  };
  try {
    await announced;
  } catch (error) {
    await development[Symbol.asyncDispose]();
    throw error;
  }
  return development;
}

/** A folder with all that runs in development. */
export async function copyProduct(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "nhip-dev-" });
  const { success } = await new Deno.Command("cp", {
    args: ["-r", ...parts.map((part) => root + part), folder],
  }).output();
  if (!success) throw new Error(`cannot copy the product to ${folder}`);
  return folder;
}
