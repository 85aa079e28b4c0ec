import { eventually } from "../support/clients/eventually.ts";
import type { Clock } from "../../lib/clock.ts";
import { keys } from "../../lib/store/context.ts";
import { parts } from "../../lib/store/refill.ts";
import { openStore, type Store, type StoreOptions } from "../../lib/store/mod.ts";
import type { PublishEvent } from "../../lib/store/relay.ts";

/**
 * A database of its own for one test, whose channels know what the shop holds; `again()` is a second
 * connection, as of another isolate.
 */
export async function tempKv() {
  const dir = await Deno.makeTempDir();
  const open = () => Deno.openKv(`${dir}/kv.sqlite3`);
  const opened = [await open()];
  const [kv] = opened;
  if (kv === undefined) throw new Error("not opened");
  for (const { name } of parts) await kv.set(keys.refilled(name), { epoch: "first", after: null });
  return {
    kv,
    async again(): Promise<Deno.Kv> {
      const other = await open();
      opened.push(other);
      return other;
    },
    async [Symbol.asyncDispose]() {
      for (const one of opened) one.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** Time that stands still until it is moved on; chance that always comes out lowest. */
export class ManualClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<{ at: number; job: () => void }>();

  now(): number {
    return this.#now;
  }

  random(): number {
    return 0;
  }

  after(ms: number, job: () => void): () => void {
    if (ms === 0) {
      const timer = setTimeout(job, 0);
      return () => clearTimeout(timer);
    }
    const timer = { at: this.#now + ms, job };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.at - b.at)) {
      if (timer.at <= this.#now && this.#timers.delete(timer)) timer.job();
    }
  }

  /** Moves on to the next thing that is due. */
  next(): void {
    if (this.waiting > 0) this.advance(this.dueIn);
  }

  /** How long until something is due; Infinity if nothing is. */
  get dueIn(): number {
    return Math.min(...[...this.#timers].map((timer) => timer.at)) - this.#now;
  }

  get waiting(): number {
    return this.#timers.size;
  }
}

export interface Published {
  readonly channel: string;
  /** null of a removal. */
  readonly data: unknown;
  readonly key?: string;
  readonly removed?: true;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A stand-in for the broker: keeps what is published, once per idempotency key. */
export class Recorder {
  readonly published: Published[] = [];
  /** Every call's key, repetitions and failures included. */
  readonly calls: string[] = [];
  /** Calls that have not answered yet; a relay that closes abandons its own. */
  underWay = 0;
  /** Of all channels. */
  epoch = "first";
  readonly #keys = new Set<string>();
  readonly #waiting = new Set<() => void>();
  /** Rejects the publish when it throws; may also take its time. */
  before: (channel: string, call: number) => Promise<void> | void = () => {};

  readonly publish: PublishEvent = async ({ data, ...event }, { idempotencyKey }) => {
    this.underWay++;
    this.calls.push(idempotencyKey);
    this.#changed();
    try {
      await this.before(event.channel, this.calls.length);
    } finally {
      this.underWay--;
      this.#changed();
    }
    const position = { epoch: this.epoch, offset: this.published.length + 1 };
    if (this.#keys.has(idempotencyKey)) return position;
    this.#keys.add(idempotencyKey);
    this.published.push({ ...event, data: JSON.parse(data) });
    this.#changed();
    return position;
  };

  on(channel: string): unknown[] {
    return this.allOn(channel).map((one) => one.data);
  }

  allOn(channel: string): Published[] {
    return this.published.filter((one) => one.channel === channel);
  }

  /** What a state channel that took everything holds. */
  state(channel: string): Map<string, unknown> {
    const entries = new Map<string, unknown>();
    for (const { key = "", data, removed } of this.allOn(channel)) {
      if (removed) entries.delete(key);
      else entries.set(key, data);
    }
    return entries;
  }

  /** Resolves once `is` holds; looked at after each call and publication. */
  until(is: () => boolean): Promise<void> {
    if (is()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (!is()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  #changed(): void {
    for (const look of [...this.#waiting]) look();
  }
}

export function openTestStore(
  kv: Deno.Kv,
  recorder: Recorder,
  options: Partial<StoreOptions> = {},
): Store {
  return openStore({
    kv,
    publish: recorder.publish,
    epoch: () => Promise.resolve(recorder.epoch),
    onError: () => {},
    ...options,
  });
}

/** Lets what is under way go on until `is` holds. */
export function turnsUntil(is: () => boolean | Promise<boolean>): Promise<void> {
  return eventually(is, "what the test waits for");
}

export async function outboxSize(kv: Deno.Kv): Promise<number> {
  return (await Array.fromAsync(kv.list({ prefix: ["outbox"] }))).length;
}

/** A call that must be refused by the shop: its error. */
export async function refused(job: Promise<unknown>): Promise<{ status: number; message: string }> {
  try {
    await job;
  } catch (error) {
    if (error instanceof Error && "status" in error) {
      return { status: Number(error.status), message: error.message };
    }
    throw error;
  }
  throw new Error("it was not refused");
}
