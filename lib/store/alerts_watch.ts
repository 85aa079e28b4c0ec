/**
 * Looks for vehicles that have gone silent: one isolate at a time, by a row that says when to look
 * next. Whoever comes first then claims the turn; the others read one row and rest.
 */
import type { Clock } from "../clock.ts";
import { raiseSilent } from "./alerts_vehicles.ts";
import { patiently } from "./change.ts";
import { keys, limits, type StoreContext } from "./context.ts";

interface Turn {
  /** Unix milliseconds. */
  readonly nextAt: number;
}

export interface VehicleWatchOptions {
  readonly context: StoreContext;
  readonly onError: (error: unknown, stage: "watch vehicles") => void;
}

/** Vehicles that come in between are looked for after this long at the latest. */
const longestMs = 60_000;
const shortestMs = 10_000;
/** Isolates do not all come in the same moment. */
const spreadMs = 1_000;

export class VehicleWatch {
  readonly #options: VehicleWatchOptions;
  #looking: Promise<void> = Promise.resolve();
  #cancelTimer: () => void = () => {};
  #state: "watching" | "closed" = "watching";

  /** Begins to look at once. */
  constructor(options: VehicleWatchOptions) {
    this.#options = options;
    this.#look();
  }

  async close(): Promise<void> {
    this.#state = "closed";
    this.#cancelTimer();
    await this.#looking;
  }

  #look(): void {
    if (this.#state === "closed") return;
    this.#looking = this.#lookOnce();
  }

  /** Never rejects. */
  async #lookOnce(): Promise<void> {
    const { context: { clock }, onError } = this.#options;
    let nextAt = clock.now() + shortestMs;
    try {
      nextAt = await this.#takeTurn(clock);
    } catch (error) {
      onError(error, "watch vehicles");
    }
    if (this.#state === "closed") return;
    const ms = Math.min(longestMs, Math.max(0, nextAt - clock.now()));
    this.#cancelTimer = clock.after(ms + clock.random() * spreadMs, () => this.#look());
  }

  /** @returns when to look again */
  async #takeTurn(clock: Clock): Promise<number> {
    const { context } = this.#options;
    const { kv } = context;
    const turn = await patiently(clock, () => kv.get<Turn>(keys.vehicleWatch));
    const now = clock.now();
    if (turn.value !== null && turn.value.nextAt > now) return turn.value.nextAt;
    // While nobody watched nobody could report either: vehicles are given the time to.
    const wasAway = turn.value === null || turn.value.nextAt < now - longestMs;
    const claimed = now + (wasAway ? limits.vehicleSilentMs : longestMs);
    const claim = kv.atomic().check(turn).set(keys.vehicleWatch, { nextAt: claimed } as Turn);
    const { ok } = await patiently(clock, () => claim.commit());
    if (!ok || wasAway) return now + shortestMs;
    const due = await raiseSilent(context);
    const nextAt = Math.min(now + longestMs, Math.max(now + shortestMs, due));
    await patiently(clock, () => kv.set(keys.vehicleWatch, { nextAt } as Turn));
    return nextAt;
  }
}
