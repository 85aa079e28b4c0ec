/**
 * Which of a device's positions are worth to be reported: at most one a second, when the vehicle has
 * moved, turned, stopped or set off; and one now and then while it stands, so that it is not taken
 * for silent.
 */
import type { Clock } from "../../lib/clock.ts";
import { distance } from "../map/geo.ts";
import type { Fix } from "./fix.ts";

export interface ReporterOptions {
  readonly clock: Pick<Clock, "now" | "after">;
  readonly report: (fix: Fix) => void;
  /** Asks the device where it is now; what it answers is given to `saw`. */
  readonly ask: () => void;
}

/** Between two reports, in milliseconds. */
const leastMs = 1_000;
/** After so long without one the device is asked; a vehicle is shown stale after three times this. */
export const standingMs = 20_000;
/** In metres: nearer places say nothing of a movement, nor do those within half their accuracy. */
const nearby = { least: 10, most: 50 };
const turn = { degrees: 20, metres: 5 };
/** Slower is standing, in metres per second. */
const walking = 1;
/** A position as vague as this, in metres, is passed over while better ones come. */
const vague = { accuracy: 200, passedMs: 30_000 };

export class Reporter {
  readonly #options: ReporterOptions;
  #last: Fix | null = null;
  #lastAt = -Infinity;
  /** When the last one came that was not vague. */
  #clearAt = -Infinity;
  /** What is worth a report, and has come too early. */
  #held: Fix | null = null;
  /** The next one is reported, whatever it says. */
  #wantsAny = true;
  #cancelTimer: () => void = () => {};

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  close(): void {
    this.#cancelTimer();
  }

  saw(fix: Fix): void {
    const now = this.#options.clock.now();
    if (fix.accuracy <= vague.accuracy) this.#clearAt = now;
    else if (now - this.#clearAt < vague.passedMs) return;
    if (!this.#isWorth(fix)) return;
    if (now - this.#lastAt >= leastMs) this.#report(fix);
    else this.#held = fix;
  }

  #isWorth(fix: Fix): boolean {
    const last = this.#held ?? this.#last;
    if (this.#wantsAny || this.#held !== null || last === null) return true;
    const way = distance(last, fix);
    const noise = Math.min(nearby.most, Math.max(nearby.least, fix.accuracy / 2));
    return way >= noise || (way >= turn.metres && hasTurned(last, fix)) ||
      isMoving(last) !== isMoving(fix);
  }

  #report(fix: Fix): void {
    const { clock, report } = this.#options;
    this.#last = fix;
    this.#lastAt = clock.now();
    this.#held = null;
    this.#wantsAny = false;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(leastMs, () => this.#rested());
    report(fix);
  }

  #rested(): void {
    if (this.#held !== null) this.#report(this.#held);
    else this.#askAfter(standingMs - leastMs);
  }

  #askAfter(ms: number): void {
    const { clock, ask } = this.#options;
    this.#cancelTimer = clock.after(ms, () => {
      this.#wantsAny = true;
      this.#askAfter(standingMs);
      ask();
    });
  }
}

function hasTurned(from: Fix, to: Fix): boolean {
  if (from.heading === null || to.heading === null) return false;
  const turned = Math.abs(from.heading - to.heading) % 360;
  return Math.min(turned, 360 - turned) >= turn.degrees;
}

/** Where the speed is not known, it may be either. */
function isMoving({ speed }: Fix): boolean | null {
  return speed === null ? null : speed >= walking;
}
