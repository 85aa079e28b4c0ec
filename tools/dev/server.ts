import { variables } from "../../lib/config.ts";
import { type Child, startDeno } from "./child.ts";
import type { Settings } from "./settings.ts";

/** Where local databases and secrets are. */
export const folder = ".nhip";

const readyMs = 60_000;

export interface Reach {
  /** `host:port` of what the server fetches; null: anything. */
  readonly hosts: readonly string[] | null;
  /** Variables it reads beside its own; null: all. */
  readonly variables: readonly string[] | null;
}

export const anything: Reach = { hosts: null, variables: null };

/** The server in development mode, permitted what it needs. */
export function startServer(
  settings: Settings,
  reach: Reach,
  env: Readonly<Record<string, string>> = {},
): Child {
  const { host, port, apiKey, tokenSecret, kvPath, channelsFile } = settings;
  const isOurs = kvPath === undefined || kvPath === ":memory:";
  const kvFolder = isOurs ? folder : kvPath.replace(/[^/]*$/, "") || ".";
  const reads = [".", kvFolder, ...channelsFile === undefined ? [] : [channelsFile]];
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const allow = (name: string, list: readonly string[] | null, own: readonly string[]) =>
    list === null ? `--allow-${name}` : `--allow-${name}=${[...own, ...list].join(",")}`;
  return startDeno([
    "run",
    "--no-prompt",
    allow("net", reach.hosts, [address]),
    allow("env", reach.variables, variables),
    "--allow-sys=hostname",
    `--allow-read=${reads.join(",")}`,
    `--allow-write=${kvFolder}`,
    "main.ts",
    "--dev",
  ], { HOST: host, PORT: `${port}`, API_KEY: apiKey, TOKEN_SECRET: tokenSecret, ...env });
}

/** Resolves with true once the server answers, with false if it ends before. */
export async function ready({ url }: Settings, server: Child): Promise<boolean> {
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

/** A file that exists would keep its mode. */
export async function writeSecret(file: string, secret: string): Promise<void> {
  await Deno.remove(file).catch(() => {});
  await Deno.writeTextFile(file, `${secret}\n`, { mode: 0o600 });
}
