/** Carries batches to subscriptions, and tries again where a push service has no time. */
import { wait } from "../clock.ts";
import { type Batch, joined, messageOf } from "./batch.ts";
import { post, type PostOptions, type PostOutcome } from "./post.ts";
import type { Subscription } from "./subscriptions.ts";

/** How a push ended; "retried": a try that others follow, counted beside the end. */
export type PushOutcome = "sent" | "gone" | "refused" | "failed" | "retried";

export interface CourierOptions extends PostOptions {
  /** @param reason names no endpoint */
  readonly onOutcome: (outcome: PushOutcome, subscription: Subscription, reason: string) => void;
  /** The push service has forgotten it. */
  readonly forget: (subscription: Subscription) => Promise<void>;
}

/** What is under way to one subscription. */
interface Delivery {
  /** null: all is under way; what comes meanwhile goes next. */
  waiting: Batch | null;
}

const tries = 5;
const backoff = { minMs: 1_000, maxMs: 60_000 };
/** A service that wants more time than that is not waited for. */
const longestWaitMs = 5 * 60_000;
/** Requests at a time. */
const maxBusy = 16;

export class Courier {
  readonly #options: CourierOptions;
  readonly #stop = new AbortController();
  readonly #deliveries = new Map<string, Delivery>();
  readonly #running = new Set<Promise<void>>();
  readonly #queue: (() => void)[] = [];
  #busy = 0;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Returns at once. What still waits for another try is told of together with this. */
  send(subscription: Subscription, batch: Batch): void {
    if (this.#stop.signal.aborted) return;
    const underWay = this.#deliveries.get(subscription.id);
    if (underWay !== undefined) {
      underWay.waiting = joined(underWay.waiting, batch);
      return;
    }
    const delivery: Delivery = { waiting: batch };
    this.#deliveries.set(subscription.id, delivery);
    const running = this.#deliver(subscription, delivery).finally(() => {
      this.#deliveries.delete(subscription.id);
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  /** How many subscriptions something is under way to. */
  get size(): number {
    return this.#deliveries.size;
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const enter of this.#queue.splice(0)) enter();
    await Promise.all(this.#running);
  }

  async #deliver(subscription: Subscription, delivery: Delivery): Promise<void> {
    const { signal } = this.#stop;
    for (let attempt = 1; delivery.waiting !== null && !signal.aborted;) {
      const batch = delivery.waiting;
      delivery.waiting = null;
      const outcome = await this.#post(subscription, batch);
      if (outcome === null) return;
      if (outcome.name !== "busy") {
        this.#options.onOutcome(outcome.name, subscription, reasonOf(outcome));
        if (outcome.name === "gone") return await this.#options.forget(subscription);
        attempt = 1;
        continue;
      }
      const waitMs = outcome.afterMs ?? this.#backoffMs(attempt);
      if (attempt++ >= tries || waitMs > longestWaitMs) {
        this.#options.onOutcome("failed", subscription, outcome.reason);
        // What came meanwhile has had no try yet.
        attempt = 1;
        continue;
      }
      this.#options.onOutcome("retried", subscription, outcome.reason);
      delivery.waiting = joined(batch, delivery.waiting ?? { count: 0, latest: [] });
      await wait(this.#options.clock, waitMs, signal);
    }
  }

  /** null: closed meanwhile. */
  async #post(subscription: Subscription, batch: Batch): Promise<PostOutcome | null> {
    await this.#enter();
    try {
      this.#stop.signal.throwIfAborted();
      const message = messageOf(batch, subscription.language);
      if (message === null) return { name: "refused", reason: "nothing to tell" };
      return await post(subscription, message, this.#stop.signal, this.#options);
    } catch {
      if (this.#stop.signal.aborted) return null;
      // Keys were checked when they came.
      return { name: "refused", reason: "the message could not be encrypted" };
    } finally {
      this.#leave();
    }
  }

  #backoffMs(attempt: number): number {
    const full = Math.min(backoff.maxMs, backoff.minMs * 2 ** (attempt - 1));
    return full * (1 - this.#options.clock.random() / 2);
  }

  async #enter(): Promise<void> {
    if (this.#busy < maxBusy || this.#stop.signal.aborted) {
      this.#busy++;
      return;
    }
    // Whoever leaves hands the place over.
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#busy--;
    else next();
  }
}

function reasonOf(outcome: PostOutcome): string {
  return "reason" in outcome ? outcome.reason : "";
}
