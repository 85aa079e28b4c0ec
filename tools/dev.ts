/**
 * The whole product on this machine: builds the pages, runs the server in development mode and
 * replays recorded orders and vehicles into it. A changed source file builds and restarts what it
 * belongs to. `HOST`, `PORT`, `API_KEY`, `TOKEN_SECRET`, `KV_PATH` and `CHANNELS_FILE` are the
 * server's own variables.
 *
 *     deno task dev
 */
import { signToken } from "../lib/auth/tokens.ts";
import { variables } from "../lib/config.ts";
import { build } from "./build.ts";
import { banner } from "./dev/banner.ts";
import { type Child, startDeno } from "./dev/child.ts";
import { readSettings, type Settings } from "./dev/settings.ts";

const folder = ".nhip";
const keyFile = `${folder}/dev/api_key`;
const tokenFile = `${folder}/dev/token`;
/** Editors write a file in several steps. */
const settleMs = 150;
const readyMs = 60_000;
/** After Ctrl-C the children have been told by the terminal. */
const politeMs = 1_000;

const encoder = new TextEncoder();

function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

/** Resolves when this program is to end; with whether the children know it already. */
function untilStopped(): Promise<{ readonly childrenKnow: boolean }> {
  const { promise, resolve } = Promise.withResolvers<{ childrenKnow: boolean }>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => resolve({ childrenKnow: signal === "SIGINT" }));
  }
  // Whoever started it may have gone without a word.
  const parent = Deno.ppid;
  const timer = setInterval(() => {
    if (Deno.ppid !== parent) resolve({ childrenKnow: false });
  }, 1_000);
  return promise.finally(() => clearInterval(timer));
}

/** The development database is always a new one, so that the replay is not of yesterday. */
async function wipe(): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && /^dev[^/]*\.sqlite/.test(name)) await Deno.remove(`${folder}/${name}`);
  }
}

/** A file that exists would keep its mode. */
async function writeSecret(file: string, secret: string): Promise<void> {
  await Deno.remove(file).catch(() => {});
  await Deno.writeTextFile(file, `${secret}\n`, { mode: 0o600 });
}

function startServer(settings: Settings): Child {
  const { host, port, apiKey, tokenSecret, kvPath, channelsFile } = settings;
  const kvFolder = kvPath === undefined ? folder : kvPath.replace(/[^/]*$/, "") || ".";
  const reads = [".", kvFolder, ...channelsFile === undefined ? [] : [channelsFile]];
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return startDeno([
    "run",
    "--no-prompt",
    // The file may name hosts to poll, and variables with what to send them.
    channelsFile === undefined ? `--allow-net=${address}` : "--allow-net",
    channelsFile === undefined ? `--allow-env=${variables.join(",")}` : "--allow-env",
    "--allow-sys=hostname",
    `--allow-read=${reads.join(",")}`,
    `--allow-write=${kvFolder}`,
    "main.ts",
    "--dev",
  ], { HOST: host, PORT: `${port}`, API_KEY: apiKey, TOKEN_SECRET: tokenSecret });
}

function startReplay({ url, apiKey }: Settings): Child {
  return startDeno([
    "run",
    "--no-prompt",
    `--allow-net=${new URL(url).host}`,
    "--allow-read=tools/replay",
    "--allow-env=API_KEY",
    "tools/replay.ts",
    "--loop",
    "--url",
    url,
  ], { API_KEY: apiKey });
}

/** Resolves with true once the server answers, with false if it ends before. */
async function ready({ url }: Settings, server: Child): Promise<boolean> {
  let ended = false;
  server.ended.then(() => ended = true);
  for (const until = Date.now() + readyMs; Date.now() < until && !ended;) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return true;
    await new Promise((again) => setTimeout(again, 50));
  }
  return false;
}

/** Calls back with the paths that changed, when no more of them change. */
async function watch(changed: (paths: ReadonlySet<string>) => Promise<void>): Promise<never> {
  const paths = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let working = Promise.resolve();
  const sources = ["main.ts", "deno.json", "lib", "routes", "islands", "static"];
  for await (const { kind, paths: touched } of Deno.watchFs(sources)) {
    if (kind === "access") continue;
    for (const path of touched) if (!/[/\\]static[/\\]build\b/.test(path)) paths.add(path);
    if (paths.size === 0) continue;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const settled = new Set(paths);
      paths.clear();
      working = working.then(() => changed(settled));
    }, settleMs);
  }
  throw new Error("the files can no longer be watched");
}

class Development {
  readonly #settings: Settings;
  #server: Child;
  #stopping = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#server = this.#start();
  }

  ready(): Promise<boolean> {
    return ready(this.#settings, this.#server);
  }

  /** Never rejects. */
  async changed(paths: ReadonlySet<string>): Promise<void> {
    try {
      await build();
    } catch (error) {
      return say(`dev: ${error instanceof Error ? error.message : error}`);
    }
    const isStyle = [...paths].every((path) => /[/\\]static[/\\]/.test(path));
    if (isStyle || this.#stopping) return say("dev: built");
    await this.#server.stop();
    if (!this.#stopping) this.#server = this.#start();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#server.stop();
  }

  get ended(): Promise<number> {
    return this.#server.ended;
  }

  #start(): Child {
    const server = startServer(this.#settings);
    server.ended.then((code) => {
      if (code === 0 || this.#stopping) return;
      say(`dev: the server has ended with code ${code}; it starts again when a file changes`);
    });
    return server;
  }
}

async function main(): Promise<number> {
  const settings = readSettings();
  await Deno.mkdir(`${folder}/dev`, { recursive: true });
  if (settings.kvPath === undefined) await wipe();
  await writeSecret(keyFile, settings.apiKey);
  await writeSecret(tokenFile, await signToken(settings.tokenSecret, { sub: "you" }));
  await build();
  const stopped = untilStopped();
  const development = new Development(settings);
  const isReady = await Promise.race([development.ready(), stopped.then(() => true)]);
  if (!isReady) {
    await development.stop();
    return 1;
  }
  const replay = startReplay(settings);
  say(banner(settings, keyFile, tokenFile));
  const watching = watch((paths) => development.changed(paths));
  const { childrenKnow } = await Promise.race([stopped, watching]);
  if (childrenKnow) {
    const politely = new Promise((resolve) => setTimeout(resolve, politeMs));
    await Promise.race([Promise.all([development.ended, replay.ended]), politely]);
  }
  await Promise.all([development.stop(), replay.stop()]);
  return 0;
}

if (import.meta.main) {
  Deno.exit(
    await main().catch((error) => {
      say(`dev: ${error instanceof Error ? error.message : error}`);
      return 1;
    }),
  );
}
