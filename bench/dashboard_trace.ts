/** Where the main thread of a page spends its time, by Chromium's own trace. */
import type { CDPSession } from "playwright-core";

/** Kinds of work, as a browser's developer tools sum them up. */
export const kinds = ["script", "style", "layout", "paint", "garbage", "other"] as const;
export type Kind = typeof kinds[number];

export interface Times {
  /** By the clock on the wall, in milliseconds: longer where other programs take the processor. */
  readonly wall: number;
  /** Of the processor, in milliseconds: what the page itself costs. */
  readonly cpu: number;
}

export type Breakdown = Readonly<Record<Kind, Times>>;

export interface Traced<Result> {
  readonly result: Result;
  /** In tasks of the main thread, all kinds together. */
  readonly total: Times;
  readonly breakdown: Breakdown;
  /** Frames that the page gave to be drawn: a machine that has no time for them costs less. */
  readonly frames: number;
  /** From the start of the job to its end, in milliseconds. */
  readonly lasted: number;
}

/** Of Chromium's trace format, what is read here: times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Of the thread's processor time. */
  readonly tdur?: number;
  readonly args?: {
    readonly name?: string;
    readonly data?: {
      readonly frames?: readonly { readonly processId?: number; readonly url: string }[];
    };
  };
}

const categories = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "v8"];

const kindOf: Readonly<Record<string, Kind>> = {
  FunctionCall: "script",
  EvaluateScript: "script",
  FireAnimationFrame: "script",
  EventDispatch: "script",
  TimerFire: "script",
  RunMicrotasks: "script",
  "v8.callFunction": "script",
  "v8.run": "script",
  "V8.HandleInterrupts": "script",
  ParseHTML: "script",
  UpdateLayoutTree: "style",
  RecalculateStyles: "style",
  ScheduleStyleRecalculation: "style",
  Layout: "layout",
  HitTest: "layout",
  IntersectionObserverController_computeIntersections: "layout",
  "IntersectionObserverController::computeIntersections": "layout",
  PrePaint: "paint",
  Paint: "paint",
  Layerize: "paint",
  Commit: "paint",
  UpdateLayer: "paint",
  UpdateLayerTree: "paint",
  CompositeLayers: "paint",
  MinorGC: "garbage",
  MajorGC: "garbage",
  BlinkGC: "garbage",
};

/** Traces the page while the job runs. */
export async function traced<Result>(
  devtools: CDPSession,
  url: string,
  job: () => Promise<Result>,
): Promise<Traced<Result>> {
  const events: TraceEvent[] = [];
  devtools.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value) events.push(event as unknown as TraceEvent);
  });
  await devtools.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { recordMode: "recordAsMuchAsPossible", includedCategories: categories },
  });
  const started = performance.now();
  const result = await job();
  const lasted = performance.now() - started;
  const complete = new Promise((resolve) => devtools.once("Tracing.tracingComplete", resolve));
  await devtools.send("Tracing.end");
  await complete;
  const done = mainThread(events, url);
  const frames = done.filter(({ name }) => name === "Commit").length;
  return { result, lasted, frames, ...sumUp(done) };
}

/** What lasted, on the main thread of the process that shows the page. */
function mainThread(events: readonly TraceEvent[], url: string): TraceEvent[] {
  const frames = events.flatMap(({ args }) => args?.data?.frames ?? []);
  const pid = frames.find((frame) => frame.url.startsWith(url))?.processId;
  const main = events.find(({ ph, name, args, ...event }) =>
    ph === "M" && name === "thread_name" && args?.name === "CrRendererMain" && event.pid === pid
  );
  if (main === undefined) throw new Error("the trace does not tell the page's main thread");
  return events.filter(({ ph, pid, tid }) => ph === "X" && pid === main.pid && tid === main.tid);
}

interface Open {
  readonly kind: Kind;
  readonly end: number;
}

/** Each event's own time, without that of the events within it, counts for its kind. */
function sumUp(events: TraceEvent[]): { readonly total: Times; readonly breakdown: Breakdown } {
  const sums = Object.fromEntries(kinds.map((kind) => [kind, { wall: 0, cpu: 0 }])) as Record<
    Kind,
    { wall: number; cpu: number }
  >;
  const total = { wall: 0, cpu: 0 };
  const open: Open[] = [];
  const inOrder = events.toSorted((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  for (const { name, ts, dur = 0, tdur = 0 } of inOrder) {
    while ((open.at(-1)?.end ?? Infinity) <= ts) open.pop();
    const around = open.at(-1);
    // What has no kind of its own is of the kind of what it is part of.
    const kind = kindOf[name] ?? around?.kind ?? "other";
    const times = { wall: dur / 1_000, cpu: tdur / 1_000 };
    const less = around === undefined ? total : sums[around.kind];
    const sign = around === undefined ? 1 : -1;
    less.wall += sign * times.wall;
    less.cpu += sign * times.cpu;
    sums[kind].wall += times.wall;
    sums[kind].cpu += times.cpu;
    open.push({ kind, end: ts + dur });
  }
  return { total, breakdown: sums };
}
