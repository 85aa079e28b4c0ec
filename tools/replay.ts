/**
 * Replays recorded orders, vehicle positions and GPX tracks through the server's own HTTP interface,
 * as an outside system would.
 *
 *     deno run tools/replay.ts [FILE...] [--speed N] [--drivers N] [--url URL] [--loop]
 *
 * Without a file it plays the demo data. `API_KEY` is sent as `X-API-Key`.
 */
import {
  help,
  maxDrivers,
  metresPerSecond,
  parseArgs,
  type ReplayArgs,
  standardPace,
  usage,
} from "./replay/args.ts";
import { Client, type Time } from "./replay/client.ts";
import { drive } from "./replay/drive.ts";
import { fleetOf } from "./replay/fleet.ts";
import { maxGapMs, play, type Stage } from "./replay/play.ts";
import { seededRandom } from "./replay/random.ts";
import { readRecordings, type Recordings, type Table } from "./replay/read.ts";
import { isTimed, wayOf } from "./replay/way.ts";

const encoder = new TextEncoder();

function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`replay: ${line}\n`));
}

function demo(): URL[] {
  return ["orders", "vehicles"].map((name) => {
    return new URL(`./replay/demo/${name}.csv`, import.meta.url);
  });
}

function stoppableTime(signal: AbortSignal): Time {
  return {
    now: () => Date.now(),
    sleep: (ms) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const stop = () => {
          clearTimeout(timer);
          reject(signal.reason);
        };
        const timer = setTimeout(() => {
          signal.removeEventListener("abort", stop);
          resolve();
        }, ms);
        signal.addEventListener("abort", stop, { once: true });
      }),
  };
}

function stageOf(args: ReplayArgs, file: string, signal: AbortSignal): Stage {
  const time = stoppableTime(signal);
  const apiKey = Deno.env.get("API_KEY") ?? "";
  const client = new Client({ ...args, apiKey, time, random: Math.random, say, signal });
  return { client, time, random: seededRandom(1), say, speed: args.speed, file, suffix: "" };
}

async function playTable(
  args: ReplayArgs,
  { file, rows }: Table,
  signal: AbortSignal,
): Promise<void> {
  const stage = stageOf(args, file, signal);
  const started = Date.now().toString(36);
  say(`${file} at ${args.speed} times its speed to ${args.url}`);
  for (let run = 1;; run++) {
    const suffix = args.loop ? `.${started}.${run}` : "";
    await play({ ...stage, random: seededRandom(run), suffix }, rows);
    if (!args.loop) break;
    // A recording of a moment would otherwise be repeated without a pause.
    await stage.time.sleep(1_000);
  }
  say(`${file} is over`);
}

async function playTracks(
  args: ReplayArgs,
  { tracks, trackFiles }: Recordings,
  signal: AbortSignal,
): Promise<void> {
  if (tracks.length === 0) return;
  const file = trackFiles.join(", ");
  const { speed } = args;
  const pace = args.pace ?? metresPerSecond(standardPace);
  const untimed = tracks.filter((track) => !isTimed(track)).length;
  const count = args.drivers ?? tracks.length;
  say(`${file} at ${speed} times its speed to ${args.url}`);
  say(`drivers: ${count}, tracks: ${tracks.length}`);
  if (untimed > 0) {
    const kmh = Math.round(pace * 3.6 * 10) / 10;
    say(`${untimed} of the tracks have points without a time: driven at ${kmh} km/h`);
  }
  const ways = tracks.map((track) => wayOf(track, { speed, pace, maxGapMs }));
  await drive(stageOf(args, file, signal), fleetOf(ways, count), args.loop);
  say(`${file} is over`);
}

/** What the command line and its files do not agree about. */
function checkTracks(args: ReplayArgs, { tracks }: Recordings): void {
  if (tracks.length === 0 && (args.drivers ?? args.pace) !== null) {
    throw new Error(`--drivers and --pace are for GPX files, and there is none\n${usage}`);
  }
  if (args.drivers === null && tracks.length > maxDrivers) {
    throw new Error(
      `the GPX files have ${tracks.length} tracks, and at most ${maxDrivers} drive: say with ` +
        `--drivers how many, on the first of them`,
    );
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<number> {
  const stop = new AbortController();
  const onSignal = () => stop.abort(new Error("stopped"));
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const one of signals) Deno.addSignalListener(one, onSignal);
  try {
    const args = parseArgs(Deno.args);
    if (args === "help") {
      Deno.stdout.writeSync(encoder.encode(`${help}\n`));
      return 0;
    }
    const recordings = await readRecordings(args.files.length > 0 ? args.files : demo());
    checkTracks(args, recordings);
    await Promise.all([
      ...recordings.tables.map((table) => playTable(args, table, stop.signal)),
      playTracks(args, recordings, stop.signal),
    ]);
    return 0;
  } catch (error) {
    // To be stopped is no failure.
    if (stop.signal.aborted) return 0;
    Deno.stderr.writeSync(encoder.encode(`replay: ${reason(error)}\n`));
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main());
