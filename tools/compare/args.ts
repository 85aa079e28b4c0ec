/** What the command line asks for. */
import { intervalRange } from "../../islands/compare/offered.ts";
import { runLimits } from "../../lib/compare/limits.ts";

export interface CompareArgs {
  /** Of each measurement in the browser. */
  readonly seconds: number;
  /** Milliseconds from poll to poll. */
  readonly intervalMs: number;
  /** Milliseconds from change to change in the mean; one measurement each. */
  readonly everyMs: readonly number[];
  /** At once, of one way at a time; 0: the server's CPU is not measured. */
  readonly clients: number;
  /** Whether the page and the documentation get the figures. */
  readonly record: boolean;
}

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const usage = `usage: deno task compare [options]

  --seconds 60    how long the browser measures (5 to 600), once for each rate
  --interval 2    seconds from poll to poll
  --rate 5,30     seconds from change to change in the mean; up to four, one after the other
  --clients 100   at once, of one way at a time, for the server's CPU (0 to 500; 0: leave it out)
  --record        also writes the figures for the page and docs/compare.md`;

const known = ["seconds", "interval", "rate", "clients"] as const;
type Option = (typeof known)[number];

/** @throws UsageError */
export function parseArgs(args: readonly string[]): CompareArgs {
  const given: Partial<Record<Option, string>> = {};
  let record = false;
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--record") {
      record = true;
      continue;
    }
    // `--name=value` is `--name value`.
    const [, name = "", joined] = /^--([a-z]+)(?:=(.*))?$/s.exec(word) ?? [];
    const option = known.find((one) => one === name);
    if (option === undefined) throw new UsageError(`unknown option ${word}`);
    const value = joined ?? words.shift();
    if (value === undefined) throw new UsageError(`--${name} needs a value`);
    given[option] = value;
  }
  const { every } = runLimits;
  const rates = (given.rate ?? "5,30").split(",");
  if (rates.length > 4) throw new UsageError("--rate: at most four");
  return {
    seconds: read("seconds", given.seconds ?? "60", 5, 600),
    intervalMs: 1_000 *
      read(
        "interval",
        given.interval ?? "2",
        intervalRange.least / 1_000,
        intervalRange.most / 1_000,
      ),
    everyMs: rates.map((rate) => {
      return 1_000 * read("rate", rate, every.least / 1_000, every.most / 1_000);
    }),
    clients: Math.floor(read("clients", given.clients ?? "100", 0, 500)),
    record,
  };
}

function read(name: Option, text: string, least: number, most: number): number {
  const value = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name} "${text}" is not a number from ${least} to ${most}`);
}
