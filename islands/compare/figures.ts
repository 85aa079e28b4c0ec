/** What is said of one way, whoever has measured it. */
import { percentile } from "./percentile.ts";
import { lte, nr, replay } from "./radio.ts";
import type { Totals } from "./traffic.ts";

export interface Figures extends Totals {
  /** Milliseconds that were measured. */
  readonly windowMs: number;
  /** Changes made while this way was there, and those of them that came to be shown. */
  readonly made: number;
  readonly shown: number;
  /** Milliseconds from a change to the frame that shows it; null: none was shown. */
  readonly p50: number | null;
  readonly p99: number | null;
  /** The part of the time, from 0 to 1, that a phone's radio would be on. */
  readonly lteOn: number;
  readonly nrOn: number;
  /** Milliwatts that the radio of LTE would draw in the mean. */
  readonly ltePower: number;
}

export interface Measured {
  readonly windowMs: number;
  readonly made: number;
  /** Milliseconds. */
  readonly delays: readonly number[];
  readonly totals: Totals;
  /** Of packets, in milliseconds from the window's beginning, in order. */
  readonly times: readonly number[];
}

export function figuresOf({ windowMs, made, delays, totals, times }: Measured): Figures {
  const ms = Math.max(1, windowMs);
  const onLte = replay(lte, times, ms);
  return {
    ...totals,
    windowMs,
    made,
    shown: delays.length,
    p50: percentile(delays, 0.5),
    p99: percentile(delays, 0.99),
    lteOn: onLte.onMs / ms,
    nrOn: replay(nr, times, ms).onMs / ms,
    ltePower: onLte.meanPower ?? 0,
  };
}
