/** What the command line asks for. */
export interface ReplayArgs {
  /** Empty: the demo data. */
  readonly files: readonly string[];
  /** How much faster than it was recorded. */
  readonly speed: number;
  /** Without a slash at its end. */
  readonly url: string;
  /** Begin again at the end of the file. */
  readonly loop: boolean;
  /** How many drive the GPX tracks; null: one on each. */
  readonly drivers: number | null;
  /** Metres per second, of GPX tracks without times; null: the standard one. */
  readonly pace: number | null;
}

/** In one replay. */
export const maxDrivers = 1_000;
/** Kilometres per hour. */
export const standardPace = 30;

export const usage =
  "usage: replay [FILE...] [--speed N] [--drivers N] [--pace KMH] [--loop] [--url URL] [--help]";

export const help = `${usage}

Plays recordings through the server's REST routes, as an outside system would.

  FILE          A table of order lines or of vehicles' positions (CSV, with the header lines of
                tools/replay/demo), or GPX 1.1. The tracks of all GPX files together are driven
                at the same time, each from its beginning. Without a file: the demo data.
  --speed N     How much faster than it was recorded; 10 if not given. Pauses of more than 2 s
                in the replay are cut down to 2 s.
  --drivers N   How many drive the GPX tracks, 1 to ${maxDrivers}; one on each track if not given.
                More than there are tracks share them, spread along each, and go on at its
                beginning when they have come to its end, until they have been round once.
                They are the vehicles driver-1 to driver-N.
  --pace KMH    How fast a GPX track is driven that has a point without a time, 1 to 300 km/h;
                ${standardPace} if not given. --speed makes this faster, too.
  --loop        Begin again at the end, until stopped.
  --url URL     The server; http://127.0.0.1:8000 if not given.

API_KEY in the environment is the server's own.
A driver reports its position once a second at most.`;

/** @throws Error that says what is wrong with the command line */
export function parseArgs(args: readonly string[]): ReplayArgs | "help" {
  const files: string[] = [];
  let speed = 10;
  let url = "http://127.0.0.1:8000";
  let loop = false;
  let drivers: number | null = null;
  let pace: number | null = null;
  // `--name=value` is `--name value`.
  const words = args.flatMap((arg) => {
    const at = arg.indexOf("=");
    return arg.startsWith("--") && at > 0 ? [arg.slice(0, at), arg.slice(at + 1)] : [arg];
  });
  while (words.length > 0) {
    const word = words.shift() ?? "";
    switch (word) {
      case "--help":
      case "-h":
        return "help";
      case "--speed":
        speed = parseSpeed(words.shift());
        break;
      case "--drivers":
        drivers = parseDrivers(words.shift());
        break;
      case "--pace":
        pace = parsePace(words.shift());
        break;
      case "--url":
        url = parseUrl(words.shift());
        break;
      case "--loop":
        loop = true;
        break;
      default:
        if (word.startsWith("-")) throw new Error(`unknown option ${word}\n${usage}`);
        files.push(word);
    }
  }
  return { files, speed, url, loop, drivers, pace };
}

function parseSpeed(text: string | undefined): number {
  const speed = numberIn(text);
  if (Number.isFinite(speed) && speed > 0) return speed;
  throw new Error(`--speed must be a number greater than 0, not "${text ?? ""}"\n${usage}`);
}

function parseDrivers(text: string | undefined): number {
  const drivers = numberIn(text);
  if (Number.isInteger(drivers) && drivers >= 1 && drivers <= maxDrivers) return drivers;
  throw new Error(
    `--drivers must be a whole number from 1 to ${maxDrivers}, not "${text ?? ""}"\n${usage}`,
  );
}

function parsePace(text: string | undefined): number {
  const pace = numberIn(text);
  if (pace >= 1 && pace <= 300) return metresPerSecond(pace);
  throw new Error(`--pace must be a number from 1 to 300 (km/h), not "${text ?? ""}"\n${usage}`);
}

/** @param pace in kilometres per hour */
export function metresPerSecond(pace: number): number {
  return pace / 3.6;
}

/** NaN where it is none. */
function numberIn(text: string | undefined): number {
  return text === undefined || text.trim() === "" ? NaN : Number(text);
}

function parseUrl(text: string | undefined): string {
  const url = URL.parse(text ?? "");
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error(`--url must be an http or https address, not "${text ?? ""}"\n${usage}`);
  }
  return url.href.replace(/\/+$/, "");
}
