/**
 * One isolate's part in who polls a source: asks for the lease again and again, and while it has it,
 * holds. A lease lasts two intervals and is asked for in each, by its holder too; so when a holder
 * dies another follows within three, and the two are never at it for longer than one.
 */
import type { Leases } from "../broker/broker.ts";
import type { Clock } from "../clock.ts";

/** A time in which this isolate polls. */
export interface Hold {
  /** Aborted when the lease is lost or given up. */
  readonly signal: AbortSignal;
  /** False from the moment in which another isolate may hold. */
  readonly valid: boolean;
}

export interface TenureOptions {
  readonly name: string;
  readonly everyMs: number;
  readonly leases: Leases;
  readonly clock: Pick<Clock, "now" | "after">;
  /** Runs once for each hold, one after the other; it ends soon after the signal. */
  readonly during: (hold: Hold) => Promise<void>;
  readonly onError: (error: unknown, stage: string) => void;
}

type State =
  | { readonly name: "without" }
  | { readonly name: "holding"; until: number; readonly stop: AbortController }
  | { readonly name: "ended" };

const leastTtlMs = 1_000;

export class Tenure {
  readonly #options: TenureOptions;
  readonly #ttlMs: number;
  #state: State = { name: "without" };
  #asking: Promise<void> = Promise.resolve();
  #work: Promise<void> = Promise.resolve();
  #cancelAsk = () => {};
  #cancelLoss = () => {};

  constructor(options: TenureOptions) {
    this.#options = options;
    this.#ttlMs = Math.max(leastTtlMs, 2 * options.everyMs);
  }

  get state(): State["name"] {
    return this.#state.name;
  }

  /** Called once; asks at once, and resolves when that has been answered. */
  start(): Promise<void> {
    return this.#asking = this.#ask();
  }

  /** Resolves when nothing is under way any more and others can have the lease. Never rejects. */
  async end(): Promise<void> {
    this.#cancelAsk();
    this.#lose();
    this.#state = { name: "ended" };
    await this.#asking;
    await this.#work;
    const { leases, name, onError } = this.#options;
    try {
      await this.#inTime(leases.unlease(name));
    } catch (error) {
      onError(error, "bridge lease");
    }
  }

  async #ask(): Promise<void> {
    const { leases, name, clock, onError } = this.#options;
    const asked = clock.now();
    let granted = false;
    try {
      granted = await this.#inTime(leases.lease(name, this.#ttlMs));
    } catch (error) {
      onError(error, "bridge lease");
    }
    if (this.#state.name === "ended") return;
    if (granted) this.#hold(asked + this.#ttlMs);
    else this.#lose();
    const inMs = Math.max(0, asked + this.#ttlMs / 2 - clock.now());
    this.#cancelAsk = clock.after(inMs, () => void (this.#asking = this.#ask()));
  }

  /** An answer that takes longer than the lease would last is none. */
  async #inTime<Result>(answer: Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const cancel = this.#options.clock.after(this.#ttlMs, () => {
      late.reject(new Error(`no answer within ${this.#ttlMs} ms`));
    });
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      cancel();
    }
  }

  #hold(until: number): void {
    const { clock } = this.#options;
    const now = clock.now();
    // The lease it had, or the one it just got, may have ended while nothing ran here.
    if (this.#state.name === "holding" && this.#state.until <= now) this.#lose();
    if (until <= now) return this.#lose();
    if (this.#state.name === "holding") this.#state.until = until;
    else this.#begin(until);
    this.#cancelLoss();
    this.#cancelLoss = clock.after(until - now, () => this.#lose());
  }

  #begin(until: number): void {
    const { clock, during, onError } = this.#options;
    const state = { name: "holding" as const, until, stop: new AbortController() };
    this.#state = state;
    const { signal } = state.stop;
    const hold: Hold = {
      signal,
      get valid() {
        return !signal.aborted && clock.now() < state.until;
      },
    };
    this.#work = this.#work.then(() => signal.aborted ? undefined : during(hold))
      .catch((error) => onError(error, "bridge"));
  }

  #lose(): void {
    this.#cancelLoss();
    if (this.#state.name !== "holding") return;
    const { stop } = this.#state;
    this.#state = { name: "without" };
    stop.abort(new Error("the lease is lost"));
  }
}
