/**
 * Pushes new orders to the staff who have no page in sight: each order once, however many isolates
 * there are, and those that come close together as one.
 */
import type { Clock } from "../clock.ts";
import { batchOf } from "./batch.ts";
import { newsMs, type Queue } from "./queue.ts";
import type { Subscription } from "./subscriptions.ts";
import type { OrderNews } from "./texts.ts";

export interface NewOrdersOptions {
  readonly queue: Pick<Queue, "add" | "take">;
  readonly clock: Clock;
  /** Whether anybody may be subscribed; cheap. */
  readonly wanted: () => Promise<boolean>;
  readonly subscriptions: () => Promise<readonly Subscription[]>;
  /** The users who look at a page now. */
  readonly watching: () => Promise<ReadonlySet<string>>;
  readonly send: (subscription: Subscription, batch: ReturnType<typeof batchOf>) => void;
  /** Told how many subscriptions were passed over because their users look at a page. */
  readonly onWithheld: (count: number) => void;
  readonly onError: (error: unknown) => void;
}

/** From an order to its push: others may follow, and a page that loads may come to be seen. */
const gatherMs = 2_000;
/** From one push of a user to the next. */
const paceMs = 5_000;
const retryMs = 10_000;

export class NewOrders {
  readonly #options: NewOrdersOptions;
  #state: "idle" | "due" | "sending" | "sending, and again" | "closed" = "idle";
  /** Out of the queue, and still to be told of. */
  #taken: readonly OrderNews[] = [];
  #sending: Promise<void> = Promise.resolve();
  #cancelTimer = () => {};

  constructor(options: NewOrdersOptions) {
    this.#options = options;
    // An isolate that has ended may have left some.
    this.#wake(gatherMs);
  }

  /** Resolves when it is kept to be pushed; never rejects. An order that is known changes nothing. */
  async placed(order: OrderNews): Promise<void> {
    try {
      if (this.#state === "closed" || !await this.#options.wanted()) return;
      if (await this.#options.queue.add(order)) this.#wake(gatherMs);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async close(): Promise<void> {
    this.#state = "closed";
    this.#cancelTimer();
    await this.#sending;
  }

  #wake(ms: number): void {
    // It may have been looked for too early.
    if (this.#state === "sending") this.#state = "sending, and again";
    if (this.#state !== "idle") return;
    this.#state = "due";
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#state = "sending";
      this.#sending = this.#send();
    });
  }

  async #send(): Promise<void> {
    let nextMs: number | null;
    try {
      nextMs = await this.#sendWaiting();
    } catch (error) {
      this.#options.onError(error);
      nextMs = retryMs;
    }
    if (this.#state === "closed") return;
    if (this.#state === "sending, and again") nextMs ??= gatherMs;
    this.#state = "idle";
    if (nextMs !== null) this.#wake(nextMs);
  }

  /** @returns when to look again; null: when another order comes. */
  async #sendWaiting(): Promise<number | null> {
    const { queue, clock } = this.#options;
    if (this.#taken.length === 0) {
      const taken = await queue.take(paceMs);
      if (taken.name === "none") return null;
      if (taken.name === "later") return taken.waitMs;
      this.#taken = taken.orders;
    }
    const news = this.#taken.filter(({ placedAt }) => placedAt >= clock.now() - newsMs);
    if (news.length > 0) await this.#tell(news);
    this.#taken = [];
    return paceMs;
  }

  async #tell(orders: readonly OrderNews[]): Promise<void> {
    const { subscriptions, watching, send, onWithheld, onError } = this.#options;
    const batch = batchOf(orders);
    // Rather twice than never.
    const seen = await watching().catch((error) => {
      onError(error);
      return new Set<string>();
    });
    const all = await subscriptions();
    const absent = all.filter(({ user }) => !seen.has(user));
    if (absent.length < all.length) onWithheld(all.length - absent.length);
    for (const one of absent) send(one, batch);
  }
}
