/** What `deno task compare --record` has measured, for the page and the documentation. */
import record from "./recorded.json" with { type: "json" };
import type { Figures } from "./figures.ts";
import type { Way } from "./ways.ts";

export interface RecordedWay extends Figures {
  /** Milliseconds of the server's CPU for one client in a minute; null: not measured. */
  readonly cpuMs: number | null;
}

export interface RecordedRun {
  /** Milliseconds: from poll to poll, and from change to change in the mean. */
  readonly intervalMs: number;
  readonly everyMs: number;
  readonly ways: Readonly<Record<Way, RecordedWay>>;
}

export interface Recorded {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** Of the load with which CPU was measured, at once. */
  readonly clients: number;
  readonly machine: string;
  readonly browser: string;
  /** One for each rate of changes. */
  readonly runs: readonly RecordedRun[];
}

export const recorded: Recorded = record;
