/**
 * Replays recorded orders and vehicle positions through the server's own HTTP interface, as an
 * outside system would.
 *
 *     deno run tools/replay.ts [FILE...] [--speed N] [--url URL] [--loop]
 *
 * Without a file it plays the demo data. `API_KEY` is sent as `X-API-Key`.
 */
import { parseArgs, type ReplayArgs } from "./replay/args.ts";
import { Client, type Time } from "./replay/client.ts";
import { play } from "./replay/play.ts";
import { seededRandom } from "./replay/random.ts";
import { parseRecording, type Recording } from "./replay/recording.ts";

const encoder = new TextEncoder();

function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`replay: ${line}\n`));
}

interface Track {
  readonly file: string;
  readonly recording: Recording;
}

async function readTracks(files: readonly string[]): Promise<Track[]> {
  const paths = files.length > 0
    ? files
    : ["orders", "vehicles"].map((name) => new URL(`./replay/demo/${name}.csv`, import.meta.url));
  return await Promise.all(paths.map(async (path) => {
    const name = String(path);
    const file = name.slice(name.lastIndexOf("/") + 1);
    try {
      return { file, recording: parseRecording(await Deno.readTextFile(path)) };
    } catch (error) {
      const why = error instanceof Deno.errors.NotFound ? "there is no such file" : reason(error);
      throw new Error(`cannot replay ${files.length > 0 ? name : file}: ${why}`);
    }
  }));
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

async function playTrack(args: ReplayArgs, track: Track, signal: AbortSignal): Promise<void> {
  const { file, recording } = track;
  const time = stoppableTime(signal);
  const apiKey = Deno.env.get("API_KEY") ?? "";
  const client = new Client({ ...args, apiKey, time, random: Math.random, say, signal });
  const started = Date.now().toString(36);
  say(`${file} at ${args.speed} times its speed to ${args.url}`);
  for (let run = 1;; run++) {
    const suffix = args.loop ? `.${started}.${run}` : "";
    const random = seededRandom(run);
    await play({ client, time, random, say, speed: args.speed, file, suffix }, recording);
    if (!args.loop) break;
    // A recording of a moment would otherwise be repeated without a pause.
    await time.sleep(1_000);
  }
  say(`${file} is over`);
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
    const tracks = await readTracks(args.files);
    await Promise.all(tracks.map((track) => playTrack(args, track, stop.signal)));
    return 0;
  } catch (error) {
    // To be stopped is no failure.
    if (stop.signal.aborted) return 0;
    Deno.stderr.writeSync(encoder.encode(`replay: ${reason(error)}\n`));
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main());
