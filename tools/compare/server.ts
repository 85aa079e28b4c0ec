/** The product's own server in production mode, on the loopback, with a database of its own. */
import { variables } from "../../lib/config.ts";
import { signToken } from "../../lib/auth/tokens.ts";
import { start } from "./children.ts";

export interface Server extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  readonly pid: number;
  readonly token: string;
}

const root = new URL("../../", import.meta.url);
const readyMs = 60_000;
/** A little more than it takes at most to send its clients away. */
const patienceMs = 8_000;

/**
 * @param folder for its database; made, and removed when the server is disposed of
 * @throws Error when it does not start
 */
export async function startServer(folder: string): Promise<Server> {
  await Deno.mkdir(folder, { recursive: true });
  const port = freePort();
  const secret = () => crypto.getRandomValues(new Uint8Array(32)).toHex();
  const tokenSecret = secret();
  const process = start(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--allow-net=127.0.0.1:${port}`,
      `--allow-env=${variables.join(",")}`,
      "--allow-sys=hostname",
      `--allow-read=.,${folder}`,
      `--allow-write=${folder}`,
      "main.ts",
    ],
    cwd: root.pathname,
    env: {
      HOST: "127.0.0.1",
      PORT: `${port}`,
      KV_PATH: `${folder}/kv.sqlite`,
      API_KEY: secret(),
      TOKEN_SECRET: tokenSecret,
      ALLOWED_ORIGINS: `http://127.0.0.1:${port}`,
      SHOP: "off",
    },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  });
  let running = true;
  const ended = process.status.then(() => {
    running = false;
  });
  const server: Server = {
    url: `http://127.0.0.1:${port}`,
    pid: process.pid,
    token: await signToken(tokenSecret, { sub: "compare" }),
    async [Symbol.asyncDispose]() {
      if (running) process.kill("SIGTERM");
      const timer = setTimeout(() => running && process.kill("SIGKILL"), patienceMs);
      await ended;
      clearTimeout(timer);
      await Deno.remove(folder, { recursive: true });
    },
  };
  if (await isReady(server.url, () => running)) return server;
  await server[Symbol.asyncDispose]();
  throw new Error("the server did not start");
}

async function isReady(url: string, isRunning: () => boolean): Promise<boolean> {
  for (const until = Date.now() + readyMs; Date.now() < until && isRunning();) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return true;
    await new Promise((again) => setTimeout(again, 50));
  }
  return false;
}

/** One that nobody listens on just now. */
function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
