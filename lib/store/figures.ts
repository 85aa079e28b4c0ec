/**
 * The shop's figures: how many orders each minute has brought, and their worth. They are counted in
 * the commit that places or cancels an order, without being read, so that buyers do not wait for
 * each other because of a count.
 */
import { patiently } from "./change.ts";
import { keys, limits, type StoreContext } from "./context.ts";
import type { OrderSummary, QuarterFigures } from "./events.ts";

type Counted = Pick<OrderSummary, "placedAt" | "total">;

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;

/** When the quarter of an hour began that a time is in. */
export function quarterOf(at: number): number {
  return at - at % quarterMs;
}

export function countPlaced(
  write: Deno.AtomicOperation,
  { placedAt, total }: Counted,
): Deno.AtomicOperation {
  const from = quarterOf(placedAt);
  const minute = Math.floor((placedAt - from) / minuteMs);
  return add(add(write, from, `${minute}`, 1), from, "revenue", total);
}

/** In the minute in which it was placed. */
export function countCancelled(
  write: Deno.AtomicOperation,
  { placedAt, total }: Counted,
  now: number,
): void {
  // What is forgotten by now must not be begun anew.
  if (quarterOf(placedAt) < oldest(now)) return;
  const from = quarterOf(placedAt);
  add(add(write, from, "cancelled", 1), from, "revenue", -total);
}

/** A sum is unsigned, and to be read as signed. */
function add(
  write: Deno.AtomicOperation,
  from: number,
  what: string,
  n: number,
): Deno.AtomicOperation {
  return write.sum([...keys.figure(from, what)], BigInt.asUintN(64, BigInt(n)));
}

/** Figures of quarters that began before this are forgotten. */
export function oldest(now: number): number {
  return quarterOf(now - limits.figuresTtlMs);
}

/** Oldest first; quarters without an order are left out. */
export function listFigures(
  { kv, clock }: Pick<StoreContext, "kv" | "clock">,
  since: number,
): Promise<QuarterFigures[]> {
  const selector = { prefix: [...keys.figures], start: [...keys.figuresOf(quarterOf(since))] };
  return patiently(clock, () => read(kv, selector));
}

/** All counts as one commit has left them. */
export async function readFigures(
  { kv, clock }: Pick<StoreContext, "kv" | "clock">,
  from: number,
): Promise<QuarterFigures | undefined> {
  const selector = { prefix: [...keys.figuresOf(from)] };
  return (await patiently(clock, () => read(kv, selector)))[0];
}

async function read(kv: Deno.Kv, selector: Deno.KvListSelector): Promise<QuarterFigures[]> {
  const found: (QuarterFigures & { cancelled: number; revenue: number })[] = [];
  for await (const { key, value } of kv.list<Deno.KvU64>(selector, { batchSize: 500 })) {
    const from = Number(key[2]);
    const what = String(key[3]);
    const n = Number(BigInt.asIntN(64, value.value));
    let quarter = found.at(-1);
    if (quarter?.from !== from) {
      quarter = { from, minutes: Array<number>(15).fill(0), cancelled: 0, revenue: 0 };
      found.push(quarter);
    }
    if (what === "cancelled" || what === "revenue") quarter[what] = n;
    else quarter.minutes[Number(what)] = n;
  }
  return found;
}
