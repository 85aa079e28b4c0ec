/** The day's figures, from those of its quarters of an hour. */
import type { QuarterFigures } from "../../lib/store/events.ts";

type Quarters = ReadonlyMap<number, QuarterFigures>;

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;

export interface Sums {
  /** Those cancelled since included. */
  readonly orders: number;
  readonly cancelled: number;
  /** Of those not cancelled, in the currency's minor unit. */
  readonly revenue: number;
}

export interface Hour extends Sums {
  readonly from: number;
}

export interface Day extends Sums {
  /** From its first hour to the present one. */
  readonly hours: readonly Hour[];
  /** From its first quarter of an hour to the present one. */
  readonly quarters: readonly Sums[];
}

const none: Sums = { orders: 0, cancelled: 0, revenue: 0 };

/** @param nameOf names the day that a time is in, where the reader is */
export function dayOf(quarters: Quarters, now: number, nameOf: (time: number) => string): Day {
  const today = nameOf(now);
  const all: Hour[] = [];
  // At most a day and the hour that a clock may be set back by.
  for (let from = now - now % quarterMs; all.length < 100; from -= quarterMs) {
    if (nameOf(from) !== today) break;
    all.push({ from, ...sumsOf(quarters.get(from)) });
  }
  all.reverse();
  const hours: Hour[] = [];
  for (const [i, quarter] of all.entries()) {
    if (i % 4 === 0) hours.push(quarter);
    else hours.push({ from: hours.at(-1)?.from ?? quarter.from, ...add(hours.pop(), quarter) });
  }
  return { ...all.reduce<Sums>(add, none), hours, quarters: all };
}

function sumsOf(figures: QuarterFigures | undefined): Sums {
  if (figures === undefined) return none;
  const { minutes, cancelled, revenue } = figures;
  return { orders: minutes.reduce((sum, n) => sum + n, 0), cancelled, revenue };
}

function add(a: Sums = none, b: Sums): Sums {
  return {
    orders: a.orders + b.orders,
    cancelled: a.cancelled + b.cancelled,
    revenue: a.revenue + b.revenue,
  };
}

/** Orders in each of the last sixty minutes, the present one last. */
export function lastHour(quarters: Quarters, now: number): readonly number[] {
  const minute = Math.floor(now / minuteMs);
  return Array.from({ length: 60 }, (_, i) => {
    const at = (minute - 59 + i) * minuteMs;
    const from = at - at % quarterMs;
    return quarters.get(from)?.minutes[(at - from) / minuteMs] ?? 0;
  });
}
