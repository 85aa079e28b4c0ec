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
}

export const usage = "usage: replay [FILE...] [--speed N] [--url URL] [--loop]";

/** @throws Error that says what is wrong with the command line */
export function parseArgs(args: readonly string[]): ReplayArgs {
  const files: string[] = [];
  let speed = 10;
  let url = "http://127.0.0.1:8000";
  let loop = false;
  // `--name=value` is `--name value`.
  const words = args.flatMap((arg) => {
    const at = arg.indexOf("=");
    return arg.startsWith("--") && at > 0 ? [arg.slice(0, at), arg.slice(at + 1)] : [arg];
  });
  while (words.length > 0) {
    const word = words.shift() ?? "";
    switch (word) {
      case "--speed":
        speed = parseSpeed(words.shift());
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
  return { files, speed, url, loop };
}

function parseSpeed(text: string | undefined): number {
  const speed = text === undefined || text.trim() === "" ? NaN : Number(text);
  if (Number.isFinite(speed) && speed > 0) return speed;
  throw new Error(`--speed must be a number greater than 0, not "${text ?? ""}"\n${usage}`);
}

function parseUrl(text: string | undefined): string {
  const url = URL.parse(text ?? "");
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error(`--url must be an http or https address, not "${text ?? ""}"\n${usage}`);
  }
  return url.href.replace(/\/+$/, "");
}
