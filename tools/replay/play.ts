import type { Client, Time } from "./client.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { InvoiceLine, RecordedPosition, RecordedRows } from "./recording.ts";
import { type Step, stepsOf, stockFor } from "./steps.ts";

export interface Stage {
  readonly client: Client;
  readonly time: Time;
  readonly random: () => number;
  readonly say: (line: string) => void;
  /** How much faster than recorded. */
  readonly speed: number;
  /** Names the file in what is told. */
  readonly file: string;
  /** Follows each order's id, so that a repetition places new orders. */
  readonly suffix: string;
}

/** Nobody wants to watch a shop at night: no gap is longer, whatever was recorded. */
export const maxGapMs = 2_000;
const noteEveryMs = 5_000;

/** Plays a recording once, from its beginning to its end. */
export async function play(stage: Stage, recording: RecordedRows): Promise<void> {
  switch (recording.kind) {
    case "orders":
      return await playOrders(stage, recording.lines);
    case "vehicles":
      return await playVehicles(stage, recording.positions);
  }
}

function gap(stage: Stage, from: number | undefined, to: number): number {
  return Math.min(maxGapMs, (to - (from ?? to)) / stage.speed);
}

/** Says now and then on `public:replay` how far it has come. */
export function noter({ client, time, file }: Stage, total: number) {
  let last = -Infinity;
  return async (position: number) => {
    if (time.now() - last < noteEveryMs) return;
    last = time.now();
    await client.note({ file, position, total });
  };
}

async function playVehicles(
  stage: Stage,
  positions: readonly RecordedPosition[],
): Promise<void> {
  const note = noter(stage, positions.length);
  let before: number | undefined;
  for (const [i, { id, time, ...position }] of positions.entries()) {
    await stage.time.sleep(gap(stage, before, time));
    before = time;
    // Without its time: for the server it happens now.
    await request(stage, "PUT", `/store/vehicles/${encodeURIComponent(id)}/position`, position);
    await note(i + 1);
  }
}

async function playOrders(stage: Stage, lines: readonly InvoiceLine[]): Promise<void> {
  for (const { sku, ...article } of stockFor(lines)) {
    await request(stage, "PUT", `/store/stock/${encodeURIComponent(sku)}`, article);
  }
  const steps = stepsOf(lines);
  const note = noter(stage, steps.length);
  const lifecycle = new Lifecycle(stage.random);
  let before: number | undefined;
  let tick = 0;
  for (const step of steps) {
    await moveOn(stage, lifecycle, tick, gap(stage, before, step.time));
    before = step.time;
    await take(stage, lifecycle, tick, step);
    await note(++tick);
  }
  while (!lifecycle.isOver) await moveOn(stage, lifecycle, tick++, maxGapMs);
}

/** Spreads what is due over the time until the next step. */
async function moveOn(
  stage: Stage,
  lifecycle: Lifecycle,
  tick: number,
  gapMs: number,
): Promise<void> {
  const moves = lifecycle.due(tick);
  const wait = gapMs / (moves.length + 1);
  for (const { id, status } of moves) {
    await stage.time.sleep(wait);
    await request(stage, "PATCH", `/store/orders/${encodeURIComponent(id)}`, { status });
  }
  await stage.time.sleep(wait);
}

async function take(stage: Stage, lifecycle: Lifecycle, tick: number, step: Step): Promise<void> {
  switch (step.kind) {
    case "order": {
      const id = `${step.id}${stage.suffix}`;
      const { customer, country, lines } = step;
      const isPlaced = await request(stage, "POST", "/store/orders", { id, country, lines });
      if (isPlaced) lifecycle.placed(tick, { id, customer, lines });
      return;
    }
    case "back": {
      const id = lifecycle.takeCancellable(step.customer, step.lines);
      if (id !== undefined) {
        await request(stage, "DELETE", `/store/orders/${encodeURIComponent(id)}`);
        return;
      }
      for (const { sku, quantity } of step.lines) {
        const path = `/store/stock/${encodeURIComponent(sku)}/restock`;
        await request(stage, "POST", path, { quantity });
      }
    }
  }
}

/** What the shop refuses is said and passed over, as the day went on then. */
export async function request(
  { client, say }: Stage,
  method: string,
  path: string,
  body?: unknown,
): Promise<boolean> {
  const { status, detail } = await client.send(method, path, body);
  if (status >= 400) say(`${method} ${path}: ${detail}`);
  return status < 400;
}
