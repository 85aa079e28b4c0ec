/**
 * Removes, as publications, the keys of a state channel whose time is over and that nobody has
 * removed because nobody listened: when the channel is full, and before its life would be over for
 * the sake of such keys.
 */
import type { Keyed, Retention } from "../../channels.ts";
import { retryLocked } from "../../kv/retry.ts";
import { isExpired } from "../key_rules.ts";
import type { Append } from "./append.ts";
import { readHead, setHead, untilOf } from "./head.ts";
import { keys } from "./keys.ts";
import { readRows } from "./state.ts";

/** A channel is looked through once in so long. */
const pauseMs = 5_000;
const maxChannels = 1_000;
/** Tries to move on a head that others keep moving. */
const maxAttempts = 20;
const how = { reverse: false, batchSize: 100 };
/** Removals under way at once. */
const removalsAtOnce = 500;

export interface StateChannel {
  readonly channel: string;
  readonly retention: Retention;
  readonly keyed: Keyed;
}

export interface ExpiryOptions {
  readonly kv: Deno.Kv;
  readonly now: () => number;
  readonly append: (append: Append) => Promise<unknown>;
}

export class Expiry {
  readonly #options: ExpiryOptions;
  readonly #sweeps = new Map<string, { readonly until: number; readonly work: Promise<boolean> }>();

  constructor(options: ExpiryOptions) {
    this.#options = options;
  }

  /** Whether something was removed; false at once when it was looked for a moment ago. */
  sweep(one: StateChannel): Promise<boolean> {
    const now = this.#options.now();
    const before = this.#sweeps.get(one.channel);
    if (before !== undefined && before.until > now) return before.work;
    if (this.#sweeps.size >= maxChannels) this.#sweeps.clear();
    const until = now + pauseMs;
    const work = this.#sweep(one).finally(() => {
      // Who comes from now on has missed it.
      this.#sweeps.set(one.channel, { until, work: Promise.resolve(false) });
    });
    this.#sweeps.set(one.channel, { until, work });
    return work;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#sweeps.values()].map(({ work }) => work));
  }

  async #sweep(one: StateChannel): Promise<boolean> {
    const { kv, now } = this.#options;
    const { channel, keyed } = one;
    const began = now();
    const { position } = await readHead(kv, channel, began);
    const prefix = keys.state(channel, position.epoch);
    const over: { readonly key: string; readonly offset: number }[] = [];
    // What is changed from now on is not older than this.
    let oldest = began;
    for await (
      const { key, time, position: at } of readRows(kv, channel, position.epoch, { prefix }, how)
    ) {
      if (key === undefined || at === null) continue;
      if (isExpired({ time }, keyed, began)) over.push({ key, offset: at.offset });
      else oldest = Math.min(oldest, time);
    }
    for (let at = 0; at < over.length; at += removalsAtOnce) {
      await Promise.all(
        over.slice(at, at + removalsAtOnce).map(({ key, offset }) =>
          this.#remove(one, key, offset)
        ),
      );
    }
    await this.#liveOn(one, position.epoch, oldest);
    return over.length > 0;
  }

  #remove(one: StateChannel, key: string, offset: number): Promise<unknown> {
    const draft = { data: "null", key, removed: true as const };
    return this.#options.append({ ...one, draft, condition: { offset } });
  }

  /** @param oldest no entry of the channel is older. */
  async #liveOn(one: StateChannel, epoch: string, oldest: number): Promise<void> {
    const { kv, now } = this.#options;
    const { channel, retention, keyed } = one;
    const until = untilOf(oldest, retention, keyed);
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const head = await readHead(kv, channel, now());
      if (head.position.epoch !== epoch || head.fill.keys === 0) return;
      if (head.until === null || until === null || head.until >= until) return;
      const { ok } = await retryLocked(() => {
        const atomic = kv.atomic();
        setHead(atomic, channel, head, { ...head, until }, retention, now());
        return atomic.commit();
      });
      if (ok) return;
    }
  }
}
