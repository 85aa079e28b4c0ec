/** The real server as a process of its own, on a port and a database of its own. */
import { signToken } from "../../lib/auth/tokens.ts";

export interface ServerOptions {
  /** As in development; one isolate. */
  readonly dev?: boolean;
  /** Isolates under `deno serve --parallel`; absent: one, under `deno run`. */
  readonly isolates?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Contents of a CHANNELS_FILE. */
  readonly channels?: unknown;
  /** In place of main.ts: a module that makes faults on purpose and then is the server. */
  readonly entry?: string;
  /** Start again on what another server left: its port and its database. */
  readonly after?: TestServer;
}

export const apiKey = "test-api-key-of-more-than-32-bytes-length";
export const tokenSecret = "test-token-secret-of-more-than-32-bytes";
const root = new URL("../../", import.meta.url).pathname;
const startMs = 30_000;

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** Without a slash at its end. */
  readonly url: string;
  readonly folder: string;
  readonly pid: number;
  /** What it printed so far. */
  output(): string;
  /** POST /api/<method>; the parsed answer. Throws on any status but 200. */
  api(method: string, body: unknown): Promise<Record<string, unknown>>;
  token(user?: string, info?: unknown): Promise<string>;
  /** Sends a signal; resolves with the exit status. */
  signal(signal: Deno.Signal): Promise<Deno.CommandStatus>;
}

/** Resolves when it answers /readyz. Disposing kills it and removes its folder. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const port = options.after?.port ?? freePort();
  const folder = options.after?.folder ?? await Deno.makeTempDir({ prefix: "nhip-test-" });
  if (options.channels !== undefined) {
    await Deno.writeTextFile(`${folder}/channels.json`, JSON.stringify(options.channels));
  }
  const hasChannels = await exists(`${folder}/channels.json`);
  const { entry: main = "main.ts" } = options;
  const mode = options.dev ? ["--dev"] : [];
  const entry = options.isolates === undefined ? ["run", "-A", main, ...mode] : [
    "serve",
    "-A",
    "--parallel",
    "--host",
    "127.0.0.1",
    "--port",
    `${port}`,
    main,
    "served",
  ];
  const process = new Deno.Command(Deno.execPath(), {
    args: entry,
    cwd: root,
    env: {
      HOST: "127.0.0.1",
      PORT: `${port}`,
      KV_PATH: `${folder}/kv.sqlite`,
      API_KEY: apiKey,
      TOKEN_SECRET: tokenSecret,
      ALLOWED_ORIGINS: "*",
      SHOP: "on",
      ...(options.isolates !== undefined && { DENO_JOBS: `${options.isolates}` }),
      ...(hasChannels && { CHANNELS_FILE: `${folder}/channels.json` }),
      ...options.env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = [collect(process.stdout), collect(process.stderr)];
  let ended = false;
  const status = process.status.then((status) => {
    ended = true;
    return status;
  });
  const server = handle(process, status, port, folder, output, () => ended);
  try {
    await ready(server.url, () => ended);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw new Error(`the server did not start: ${error}\n${server.output()}`);
  }
  return server;
}

interface Collected {
  text: string;
  readonly done: Promise<void>;
}

function handle(
  process: Deno.ChildProcess,
  status: Promise<Deno.CommandStatus>,
  port: number,
  folder: string,
  output: readonly Collected[],
  ended: () => boolean,
): TestServer {
  const url = `http://127.0.0.1:${port}`;
  const end = async (signal: Deno.Signal) => {
    if (!ended()) process.kill(signal);
    const result = await status;
    await Promise.all(output.map(({ done }) => done));
    return result;
  };
  return {
    port,
    url,
    folder,
    pid: process.pid,
    output: () => output.map(({ text }) => text).join(""),
    async api(method, body) {
      const response = await fetch(`${url}/api/${method}`, {
        method: "POST",
        headers: { "x-api-key": apiKey, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${method}: ${response.status} ${text}`);
      return JSON.parse(text);
    },
    token: (user = "tester", info) => signToken(tokenSecret, { sub: user, info }),
    signal: end,
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    },
  };
}

function collect(stream: ReadableStream<Uint8Array>): Collected {
  const collected = { text: "", done: Promise.resolve() };
  const decoder = new TextDecoder();
  collected.done = (async () => {
    for await (const chunk of stream) collected.text += decoder.decode(chunk, { stream: true });
  })();
  return collected;
}

async function ready(url: string, ended: () => boolean): Promise<void> {
  for (const until = Date.now() + startMs; Date.now() < until;) {
    if (ended()) throw new Error("it has ended");
    try {
      const response = await fetch(`${url}/readyz`);
      await response.body?.cancel();
      if (response.ok) return;
    } catch {
      // Not listening yet.
    }
    // The process gives no event that says it listens on every isolate; ask again.
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Error(`not ready within ${startMs} ms`);
}

/**
 * A port nobody listens on just now. Below the range of which connections get theirs: while a server
 * is down, one of its clients' connections could otherwise sit on its port.
 */
export function freePort(): number {
  while (true) {
    const port = 11_000 + Math.floor(Math.random() * 21_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
