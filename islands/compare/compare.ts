/** What the page of the comparison shows: made once for a page, on the server and in the browser. */
import { signal } from "@preact/signals";
import type { Figures } from "./figures.ts";
import { offered } from "./offered.ts";
import type { Way } from "./ways.ts";
import { Page, type PageState } from "../page.ts";
import type { WayState } from "./follower.ts";
import { recordedDay } from "./recorded_day.ts";
import { type CompareTexts, compareTexts } from "./texts.ts";

export interface CompareState extends PageState {
  /** Milliseconds: from poll to poll, and from change to change in the mean. */
  readonly intervalMs: number;
  readonly everyMs: number;
  /** The server's CPU for one client in a minute, as recorded earlier; null: it is not known. */
  readonly cpu: RecordedCpu | null;
}

export interface RecordedCpu {
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly clients: number;
  readonly intervalMs: number;
  readonly everyMs: number;
  /** Milliseconds. */
  readonly ms: Readonly<Record<Way, number | null>>;
}

/** Why a measurement has ended. */
export type End = "asked" | "hidden" | "over" | "lost" | "unreachable" | "busy";

export type Phase =
  /** The script has not come yet. */
  | { readonly name: "loading" }
  | { readonly name: "idle" }
  | { readonly name: "starting" }
  | { readonly name: "running" }
  | { readonly name: "stopped"; readonly why: End };

/** The last delays of a way, of which so many are drawn. */
export const drawnDelays = 24;

export class WayModel {
  readonly state = signal<WayState>({ name: "idle" });
  /** The number of the latest change that it has brought. */
  readonly latest = signal(0);
  /** Milliseconds, the latest at the end. */
  readonly recent = signal<readonly number[]>([]);
  /** null: nothing has been measured. */
  readonly figures = signal<Figures | null>(null);

  clear(): void {
    this.state.value = { name: "idle" };
    this.latest.value = 0;
    this.recent.value = [];
    this.figures.value = null;
  }

  delayed(ms: number): void {
    this.recent.value = [...this.recent.value, ms].slice(-drawnDelays);
  }
}

export class Compare {
  readonly page: Page;
  readonly texts: CompareTexts;
  readonly cpu: RecordedCpu | null;
  /** When that was, as the reader writes a day. */
  readonly cpuDay: string | null;
  readonly phase = signal<Phase>({ name: "loading" });
  readonly intervalMs;
  readonly everyMs;
  /** What is offered, and what the page was opened with. */
  readonly intervals: readonly number[];
  readonly rates: readonly number[];
  /** Whole seconds that were measured. */
  readonly seconds = signal(0);
  /** Milliseconds by which delays may be wrong; null: not known yet. */
  readonly clockError = signal<number | null>(null);
  /** Such as `http/1.1`; "": not known yet. */
  readonly protocol = signal("");
  readonly ways: Readonly<Record<Way, WayModel>> = {
    polling: new WayModel(),
    long_poll: new WayModel(),
    sse: new WayModel(),
    websocket: new WayModel(),
  };

  constructor(state: CompareState) {
    this.page = new Page(state);
    this.texts = compareTexts[state.language];
    this.cpu = state.cpu;
    this.cpuDay = state.cpu && recordedDay(state.cpu.date, state.language);
    this.intervalMs = signal(state.intervalMs);
    this.everyMs = signal(state.everyMs);
    this.intervals = withOwn(offered.interval, state.intervalMs);
    this.rates = withOwn(offered.every, state.everyMs);
  }
}

function withOwn(all: readonly number[], own: number): readonly number[] {
  return [...new Set([...all, own])].sort((a, b) => a - b);
}
