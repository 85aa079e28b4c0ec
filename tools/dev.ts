/**
 * The whole product on this machine: builds the pages, runs the server in development mode and
 * replays recorded orders and vehicles into it. A changed source file builds and restarts what it
 * belongs to. `HOST`, `PORT`, `API_KEY`, `TOKEN_SECRET`, `KV_PATH` and `CHANNELS_FILE` are the
 * server's own variables.
 *
 *     deno task dev
 */
import { signToken } from "../lib/auth/tokens.ts";
import { knownServices } from "../lib/push/services.ts";
import { build } from "./build.ts";
import { banner } from "./dev/banner.ts";
import { type Child, startDeno } from "./dev/child.ts";
import { say } from "./dev/say.ts";
import { anything, folder, type Reach, ready, startServer, writeSecret } from "./dev/server.ts";
import { readSettings, type Settings } from "./dev/settings.ts";
import { endChildren, untilStopped } from "./dev/stopped.ts";
import { keptVapidKeys } from "./dev/vapid.ts";

const root = new URL("../", import.meta.url).pathname;
const keyFile = `${folder}/dev/api_key`;
const tokenFile = `${folder}/dev/token`;
const vapidFile = `${folder}/dev/vapid_keys`;
const pushServices: Reach = { hosts: knownServices, variables: [] };
/** Editors write a file in several steps. */
const settleMs = 150;

/** The development database is always a new one, so that the replay is not of yesterday. */
async function wipe(): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && /^dev[^/]*\.sqlite/.test(name)) await Deno.remove(`${folder}/${name}`);
  }
}

/** Not as small as in production, which would take several times as long. */
function buildPages(): Promise<void> {
  return build({ minify: false });
}

/** Whether the file may be a part of what browsers load. */
function isInPages(path: string): boolean {
  return /[/\\](islands|lib|static)[/\\]|[/\\]deno\.json$/.test(path);
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
      working = working.then(async () => {
        // With those that have changed while one worked at the ones before.
        const settled = new Set(paths);
        paths.clear();
        if (settled.size > 0) await changed(settled);
      });
    }, settleMs);
  }
  throw new Error("the files can no longer be watched");
}

class Development {
  readonly #settings: Settings;
  readonly #env: Readonly<Record<string, string>>;
  #server: Child;
  #stopping = false;

  constructor(settings: Settings, env: Readonly<Record<string, string>>) {
    this.#settings = settings;
    this.#env = env;
    this.#server = this.#start();
  }

  ready(): Promise<boolean> {
    return ready(this.#settings, this.#server);
  }

  /** Never rejects. */
  async changed(paths: ReadonlySet<string>): Promise<void> {
    const begun = performance.now();
    const all = [...paths];
    say(
      `dev: ${all.length === 1 ? all.join().replace(root, "") : `${all.length} files`} changed …`,
    );
    try {
      if (all.some(isInPages)) await buildPages();
    } catch (error) {
      return say(`dev: ${error instanceof Error ? error.message : error}`);
    }
    const isStyle = all.every((path) => /[/\\]static[/\\]/.test(path));
    if (!isStyle && !await this.#restart()) return;
    say(
      `dev: the new pages are live, after ${Math.ceil((performance.now() - begun) / 100) / 10} s`,
    );
  }

  /** Resolves with whether the server answers again. */
  async #restart(): Promise<boolean> {
    if (this.#stopping) return false;
    await this.#server.stop();
    if (this.#stopping) return false;
    this.#server = this.#start();
    return await this.ready();
  }

  /** The server of the moment; asked to end, none follows it. */
  get child(): Child {
    return { ended: this.#server.ended, stop: () => this.stop() };
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#server.stop();
  }

  #start(): Child {
    // The file may name hosts to poll, and variables with what to send them.
    const reach = this.#settings.channelsFile === undefined ? pushServices : anything;
    const server = startServer(this.#settings, reach, this.#env);
    server.ended.then((code) => {
      if (code === 0 || this.#stopping) return;
      say(`dev: the server has ended with code ${code}; it starts again when a file changes`);
    });
    return server;
  }
}

async function main(): Promise<number> {
  const settings = readSettings();
  say("dev: building the pages …");
  await Deno.mkdir(`${folder}/dev`, { recursive: true });
  if (settings.kvPath === undefined) await wipe();
  await writeSecret(keyFile, settings.apiKey);
  await writeSecret(tokenFile, await signToken(settings.tokenSecret, { sub: "you" }));
  const vapidKeys = await keptVapidKeys(vapidFile);
  await buildPages();
  const stopped = untilStopped();
  const development = new Development(settings, { VAPID_KEYS: vapidKeys });
  const isReady = await Promise.race([development.ready(), stopped.then(() => true)]);
  if (!isReady) {
    await development.stop();
    return 1;
  }
  const replay = startReplay(settings);
  const watching = watch((paths) => development.changed(paths));
  say(banner(settings, keyFile, tokenFile));
  const told = await Promise.race([stopped, watching]);
  await endChildren(told, [development.child, replay]);
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
