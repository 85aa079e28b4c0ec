/**
 * Makes room in a full state channel: keys whose time is over, and that nobody has removed because
 * nobody listened, are removed, as publications. And the keys are counted: rows that lie about long
 * after their time vanish from the store without a word.
 */
import type { Keyed, Retention } from "../../channels.ts";
import { retryLocked } from "../../kv/retry.ts";
import { type Fill, isExpired } from "../key_rules.ts";
import type { Append } from "./append.ts";
import { type Head, readHead, setHead } from "./head.ts";
import { keys } from "./keys.ts";
import { readHistory } from "./log.ts";
import { readRows } from "./state.ts";

/** A full channel is looked through once in so long. */
const pauseMs = 5_000;
const maxChannels = 1_000;
/** Looks at a head that others keep moving. */
const maxAttempts = 20;
const rowsPerRead = 100;
/** Removals under way at once. */
const removalsAtOnce = 500;

export interface FullChannel {
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

  /** Whether there may be room now; false at once when it was looked for a moment ago. */
  makeRoom(full: FullChannel): Promise<boolean> {
    const now = this.#options.now();
    const before = this.#sweeps.get(full.channel);
    if (before !== undefined && before.until > now) return before.work;
    if (this.#sweeps.size >= maxChannels) this.#sweeps.clear();
    const work = this.#sweep(full).then((found) => {
      // Who comes from now on has missed it.
      this.#sweeps.set(full.channel, { until: now + pauseMs, work: Promise.resolve(false) });
      return found;
    });
    this.#sweeps.set(full.channel, { until: now + pauseMs, work });
    return work;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#sweeps.values()].map(({ work }) => work));
  }

  async #sweep(full: FullChannel): Promise<boolean> {
    const { kv, now } = this.#options;
    const { channel, keyed } = full;
    const head = await readHead(kv, channel);
    const { epoch, offset } = head.position;
    const lengths = new Map<string, number>();
    const expired: { readonly key: string; readonly offset: number }[] = [];
    const rows = readRows(kv, channel, epoch, { prefix: keys.state(channel, epoch) }, {
      reverse: false,
      batchSize: rowsPerRead,
    });
    for await (const one of rows) {
      const at = one.position?.offset ?? 0;
      // What was changed since is in the log after this head.
      if (at > offset || one.key === undefined) continue;
      lengths.set(one.key, one.body.length);
      if (isExpired(one, keyed, now())) expired.push({ key: one.key, offset: at });
    }
    const recounted = await this.#recount(full, head, lengths);
    for (let at = 0; at < expired.length; at += removalsAtOnce) {
      await Promise.all(
        expired.slice(at, at + removalsAtOnce).map(({ key, offset }) =>
          this.#options.append({
            ...full,
            draft: { data: "null", key, removed: true },
            condition: { offset },
          })
        ),
      );
    }
    return recounted || expired.length > 0;
  }

  /**
   * Puts the head's fill right. @param lengths of the bodies of the keys that were there at the
   * head, without those that were changed since.
   */
  async #recount(full: FullChannel, from: Head, lengths: Map<string, number>): Promise<boolean> {
    const { kv, now } = this.#options;
    const { channel, retention } = full;
    let since = from.position;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const head = await readHead(kv, channel);
      if (head.position.epoch !== since.epoch) return false;
      if (head.position.offset > since.offset) {
        const page = await readHistory(kv, channel, { retention, since, limit: 1_000 }, now());
        if (!page.reachable) return false;
        for (const { key, removed, body, position } of page.publications) {
          if (position !== null) since = position;
          if (key !== undefined && removed) lengths.delete(key);
          else if (key !== undefined) lengths.set(key, body.length);
        }
      }
      if (head.position.offset !== since.offset) continue;
      const fill: Fill = {
        keys: lengths.size,
        length: lengths.values().reduce((sum, length) => sum + length, 0),
      };
      if (fill.keys === head.fill.keys && fill.length === head.fill.length) return false;
      const { ok } = await retryLocked(() => {
        const atomic = kv.atomic();
        atomic.check({ key: keys.head(channel), versionstamp: head.versionstamp });
        setHead(atomic, channel, head.position, fill, full);
        return atomic.commit();
      });
      if (ok) return true;
    }
    return false;
  }
}
