/**
 * Makes a polled REST endpoint live, to try it out: asks it once and says what does not fit, then
 * runs the server in development mode with that one source. Nothing is kept.
 *
 *     deno task bridge URL [--every 2s] [--items /data/items] [--key id]
 */
import { type BridgeArgs, parseArgs, usage, UsageError } from "./bridge/args.ts";
import { banner } from "./bridge/banner.ts";
import { type Probe, probe } from "./bridge/probe.ts";
import { build } from "./build.ts";
import { say } from "./dev/say.ts";
import { folder, ready, startServer, writeSecret } from "./dev/server.ts";
import { readSettings, type Settings } from "./dev/settings.ts";
import { endChildren, type Stopped, untilStopped } from "./dev/stopped.ts";

async function main(args: BridgeArgs): Promise<number> {
  const stopped = untilStopped();
  const settings = readSettings(args.port);
  const first = await tryOnce(args, stopped);
  if (first === null) return 0;
  const own = `${folder}/bridge/${settings.port}`;
  try {
    return await serve(args, settings, own, first, stopped);
  } finally {
    await Deno.remove(own, { recursive: true }).catch(() => {});
  }
}

/** null: there is nothing more to do. @throws Error that says what does not fit. */
async function tryOnce({ source }: BridgeArgs, stopped: Promise<Stopped>): Promise<Probe | null> {
  const stop = new AbortController();
  const result = await Promise.race([probe(source, stop.signal), stopped.then(() => null)]);
  stop.abort();
  if (result === null) return null;
  const { text } = source.url;
  switch (result.name) {
    case "never":
      throw new Error([`${text}: ${result.message}`, ...result.advice].join("\n"));
    case "later":
      say(`bridge: ${text}: ${result.message}; it is asked again and again`);
      break;
    case "fits":
      for (const line of result.advice) say(`bridge: ${line}`);
  }
  return result;
}

async function serve(
  args: BridgeArgs,
  settings: Settings,
  own: string,
  first: Probe,
  stopped: Promise<Stopped>,
): Promise<number> {
  const { origin, host, protocol } = new URL(args.source.url.text);
  const channelsFile = `${own}/channels.json`;
  const keyFile = `${own}/api_key`;
  await Deno.mkdir(own, { recursive: true });
  const source = { ...args.settings, allow: { subscribe: "anyone" } };
  await Deno.writeTextFile(channelsFile, JSON.stringify({ bridge: { sources: [source] } }));
  await writeSecret(keyFile, settings.apiKey);
  await build({ minify: false });
  const origins = Deno.env.get("ALLOWED_ORIGINS") || origin;
  const polled = /:\d+$/.test(host) ? host : `${host}:${protocol === "https:" ? 443 : 80}`;
  const inMemory = { ...settings, kvPath: ":memory:", channelsFile };
  const server = startServer(inMemory, { hosts: [polled], variables: args.variables }, {
    BROKER_URL: "memory:",
    KV_PATH: ":memory:",
    CHANNELS_FILE: channelsFile,
    ALLOWED_ORIGINS: origins,
  });
  const isReady = await Promise.race([ready(settings, server), stopped.then(() => false)]);
  if (isReady) {
    const count = first.name === "fits" ? first.count : null;
    say(banner({ args, settings, origins, keyFile, count }));
  }
  const ended = server.ended.then(() => null);
  const told = await Promise.race([stopped, ended]);
  if (told === null) return 1;
  await endChildren(told, [server]);
  return 0;
}

function complain(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  const lines = error instanceof UsageError ? `${message}\n\n${usage}` : message;
  // deno-lint-ignore no-console -- a tool for the command line
  console.error(`bridge: ${lines}`);
  return error instanceof UsageError ? 2 : 1;
}

if (import.meta.main) {
  let code: number;
  try {
    code = await main(parseArgs(Deno.args, (name) => Deno.env.get(name)));
  } catch (error) {
    code = complain(error);
  }
  Deno.exit(code);
}
