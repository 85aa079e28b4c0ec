import { ProtocolError } from "../protocol/errors.ts";
import type { StreamPosition } from "../protocol/publication.ts";
import type { Clock } from "../clock.ts";
import { backoff } from "./backoff.ts";
import { patiently } from "./change.ts";
import { deleteRows, type OutboxEvent, type OutboxRow, readOutbox } from "./outbox.ts";

/**
 * Publishes one event. Resolves once it is kept, with its position, rejects otherwise: with a
 * ProtocolError that is not temporary if it can never be published. Calls with the same
 * `idempotencyKey` within `idempotencyTtlMs` publish once.
 */
export type PublishEvent = (
  event: OutboxEvent,
  once: { idempotencyKey: string; idempotencyTtlMs: number },
) => Promise<StreamPosition | null>;

/** Where something failed that will be tried again; "refused": an event that is given up. */
export type RelayStage = "read outbox" | "publish" | "refused" | "delete published";

export interface RelayOptions {
  readonly kv: Deno.Kv;
  readonly clock: Clock;
  readonly publish: PublishEvent;
  readonly backlog: { rows: number };
  readonly onError: (error: unknown, stage: RelayStage) => void;
  /** How often to look for what another isolate left behind. */
  readonly sweepMs?: number;
  /** A publish that takes longer counts as failed. */
  readonly publishTimeoutMs?: number;
}

/** Rows taken at a time. */
const passRows = 1_000;
/** Rows of a channel published before they are deleted together. */
const chunkRows = 32;
/** Channels published to side by side. */
const maxBusy = 64;
const idempotencyTtlMs = 24 * 3_600_000;
const retry = { minMs: 100, maxMs: 30_000 };

/**
 * Carries the outbox's events to their channels, in commit order within each channel; in a state
 * channel a failure may let later events of other keys pass. Several relays may work on one outbox:
 * each goes through it in the same order under the same idempotency keys, so that what one repeats
 * of another's is not published again, and nothing is overtaken.
 */
export class Relay implements AsyncDisposable {
  readonly #options: RelayOptions;
  readonly #stop = new AbortController();
  /** What is being published, by channel. */
  readonly #busy = new Map<string, Promise<void>>();
  /** Channels whose last publish failed, and when they are tried again. */
  readonly #failing = new Map<string, { attempt: number; retryAt: number }>();
  #state: "idle" | "reading" | "reading, and again" | "resting" | "closed" = "idle";
  #reading: Promise<void> = Promise.resolve();
  #readFailures = 0;
  #cancelTimer: () => void = () => {};

  constructor(options: RelayOptions) {
    this.#options = options;
    this.wake();
  }

  /** There may be something to publish. */
  wake(): void {
    switch (this.#state) {
      case "idle":
        this.#state = "reading";
        this.#reading = this.#read();
        return;
      case "reading":
        this.#state = "reading, and again";
        return;
      case "reading, and again":
      case "resting":
      case "closed":
        return;
    }
  }

  /** Abandons what is under way; the next relay takes it up. Afterwards KV is not touched again. */
  async close(): Promise<void> {
    this.#state = "closed";
    this.#stop.abort();
    this.#cancelTimer();
    await this.#reading;
    await Promise.all(this.#busy.values());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #read(): Promise<void> {
    const { kv, backlog } = this.#options;
    // As it is now and for the whole pass: rows of a channel that becomes free meanwhile must not be
    // taken, since older ones of it were passed over already.
    const taken = this.#takenChannels();
    let restMs = 0;
    try {
      const part = await readOutbox(kv, { limit: passRows, wants: (name) => !taken.has(name) });
      backlog.rows = part.size;
      this.#readFailures = 0;
      this.#start(part.rows);
      if (!part.more) this.#forgetRecovered(taken);
      // A pass reads the whole outbox: a long one must not be read over and over, and nothing else.
      if (part.size > passRows) restMs = part.size / 100;
    } catch (error) {
      restMs = this.#retryMs(this.#readFailures++);
      if (!this.#isClosed()) this.#options.onError(error, "read outbox");
    }
    this.#afterReading(restMs);
  }

  #afterReading(restMs: number): void {
    const again = this.#state === "reading, and again";
    if (this.#isClosed()) return;
    this.#state = restMs > 0 ? "resting" : "idle";
    if (restMs > 0) this.#setTimer(restMs);
    else if (again) this.wake();
    else this.#setTimer(this.#sweepOrRetryMs());
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Channels being published to, or not yet to be tried again. */
  #takenChannels(): Set<string> {
    const taken = new Set(this.#busy.keys());
    const now = this.#options.clock.now();
    for (const [channel, { retryAt }] of this.#failing) {
      if (retryAt > now) taken.add(channel);
    }
    return taken;
  }

  #start(rows: readonly OutboxRow[]): void {
    if (this.#isClosed()) return;
    for (const [channel, own] of Map.groupBy(rows, (row) => row.channel)) {
      // The others' turn comes when one of these is done.
      if (this.#busy.size >= maxBusy) return;
      this.#busy.set(channel, this.#drain(channel, own));
    }
  }

  async #drain(channel: string, rows: readonly OutboxRow[]): Promise<void> {
    try {
      for (let i = 0; i < rows.length && !this.#isClosed(); i += chunkRows) {
        await this.#deliver(rows.slice(i, i + chunkRows));
      }
      this.#failing.delete(channel);
    } catch {
      const attempt = this.#failing.get(channel)?.attempt ?? 0;
      const retryAt = this.#options.clock.now() + this.#retryMs(attempt);
      this.#failing.set(channel, { attempt: attempt + 1, retryAt });
    }
    this.#busy.delete(channel);
    this.wake();
  }

  /** Publishes rows in order, then deletes them; those before a failure, too. */
  async #deliver(rows: readonly OutboxRow[]): Promise<void> {
    const { kv, clock } = this.#options;
    const published: OutboxRow[] = [];
    try {
      for (const run of runs(rows)) {
        await this.#attempt("publish", () => this.#publishRun(run, published));
      }
    } finally {
      const forget = () => patiently(clock, () => deleteRows(kv, published));
      if (published.length > 0) await this.#attempt("delete published", forget);
    }
  }

  async #attempt(stage: RelayStage, job: () => Promise<void>): Promise<void> {
    try {
      await job();
    } catch (error) {
      if (!this.#isClosed()) this.#options.onError(error, stage);
      throw error;
    }
  }

  /** All at once: the broker keeps the order of calls. @throws the first failure */
  async #publishRun(run: readonly OutboxRow[], published: OutboxRow[]): Promise<void> {
    const outcomes = await Promise.allSettled(run.map((row) => this.#publish(row)));
    published.push(...run.filter((_, i) => outcomes[i]?.status === "fulfilled"));
    const failed = outcomes.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** An event that nobody will ever take must not keep back those behind it. */
  async #publish(row: OutboxRow): Promise<void> {
    try {
      await this.#publishInTime(row);
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.temporary) throw error;
      this.#options.onError(error, "refused");
    }
  }

  /** Rejects when the publish fails, takes too long, or the relay closes. */
  #publishInTime({ id, versionstamp: _, ...event }: OutboxRow): Promise<void> {
    const { publish, clock, publishTimeoutMs = 10_000 } = this.#options;
    const { signal } = this.#stop;
    return new Promise<void>((resolve, reject) => {
      const giveUp = () => settle(() => reject(new Error("the relay closed")));
      const cancel = clock.after(
        publishTimeoutMs,
        () => settle(() => reject(new Error(`no answer within ${publishTimeoutMs} ms`))),
      );
      const settle = (outcome: () => void) => {
        cancel();
        signal.removeEventListener("abort", giveUp);
        outcome();
      };
      if (signal.aborted) return giveUp();
      signal.addEventListener("abort", giveUp);
      publish(event, { idempotencyKey: id, idempotencyTtlMs })
        .then(() => settle(resolve), (error) => settle(() => reject(error)));
    });
  }

  /** A channel whose time to retry has come and that has no rows: another relay has done it. */
  #forgetRecovered(taken: ReadonlySet<string>): void {
    for (const channel of this.#failing.keys()) {
      if (!taken.has(channel) && !this.#busy.has(channel)) this.#failing.delete(channel);
    }
  }

  #retryMs(attempt: number): number {
    return backoff(attempt, { ...retry, random: () => this.#options.clock.random() });
  }

  #sweepOrRetryMs(): number {
    const { clock, sweepMs = 5_000 } = this.#options;
    const now = clock.now();
    let wait = sweepMs;
    for (const { retryAt } of this.#failing.values()) {
      if (retryAt > now) wait = Math.min(wait, retryAt - now);
    }
    return wait;
  }

  #setTimer(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      if (this.#state === "resting") this.#state = "idle";
      this.wake();
    });
  }
}

/**
 * Rows that may be published at once: of a state channel those up to a key that comes again, for
 * only the order of one key's values matters there.
 */
function runs(rows: readonly OutboxRow[]): OutboxRow[][] {
  const found: OutboxRow[][] = [];
  let keys = new Set<string>();
  for (const row of rows) {
    const run = found.at(-1);
    const joins = run !== undefined && row.key !== undefined && keys.size > 0 && !keys.has(row.key);
    if (joins) run.push(row);
    else {
      found.push([row]);
      keys = new Set();
    }
    if (row.key !== undefined) keys.add(row.key);
  }
  return found;
}
