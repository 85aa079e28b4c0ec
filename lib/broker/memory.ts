/** `memory:`: streams in this isolate's memory, gone with it. For one node, and for tests. */
import type { Retention } from "../channels.ts";
import {
  type Draft,
  type Publication,
  publicationOf,
  type Signal,
} from "../protocol/publication.ts";
import type {
  Broker,
  BrokerContext,
  HistoryPage,
  HistoryQuery,
  Published,
  PublishOptions,
  StatePage,
  StateQuery,
} from "./broker.ts";
import { checkKey } from "./key_rules.ts";
import { MemoryStream } from "./memory_stream.ts";

interface Seen {
  readonly published: Published;
  readonly until: number;
}

/** Publishes, or streams begun. */
const sweepEvery = 1_024;

export function memoryBroker(context: BrokerContext, now: () => number = Date.now): Broker {
  return new MemoryBroker(context, now);
}

class MemoryBroker implements Broker {
  readonly #context: BrokerContext;
  readonly #now: () => number;
  readonly #subscribed = new Set<string>();
  readonly #streams = new Map<string, MemoryStream>();
  readonly #seen = new Map<string, Seen>();
  #untilSweep = sweepEvery;

  constructor(context: BrokerContext, now: () => number) {
    this.#context = context;
    this.#now = now;
  }

  subscribe(channel: string): Promise<void> {
    this.#subscribed.add(channel);
    return Promise.resolve();
  }

  unsubscribe(channel: string): Promise<void> {
    this.#subscribed.delete(channel);
    return Promise.resolve();
  }

  // deno-lint-ignore require-await -- what it throws is a rejection
  async publish(channel: string, draft: Draft, options: PublishOptions): Promise<Published> {
    const now = this.#now();
    this.#sweepNowAndThen(now);
    const { retention, keyed, idempotency } = options;
    if (keyed !== undefined && draft.key !== undefined) checkKey(draft.key);
    const seenKey = idempotency && `${channel}\n${idempotency.key}`;
    const seen = seenKey === undefined ? undefined : this.#seen.get(seenKey);
    if (seen !== undefined && seen.until > now) {
      return { ...seen.published, suppressed: "idempotency" };
    }
    const published = retention === null
      ? this.#send(publicationOf(channel, draft, null, now))
      : this.#stream(channel, retention).publish(draft, options, now);
    if (seenKey !== undefined && idempotency !== undefined && published.suppressed === null) {
      this.#seen.set(seenKey, { published, until: now + idempotency.ttlMs });
    }
    return published;
  }

  signal(channel: string, signal: Signal): void {
    if (this.#subscribed.has(channel)) this.#context.signal(channel, signal);
  }

  history(channel: string, query: HistoryQuery): Promise<HistoryPage> {
    return Promise.resolve(this.#stream(channel, query.retention).history(query, this.#now()));
  }

  // deno-lint-ignore require-await -- what it throws is a rejection
  async state(channel: string, query: StateQuery): Promise<StatePage> {
    return this.#stream(channel, query.retention).page(query, this.#now());
  }

  clear(channel: string): Promise<void> {
    const stream = this.#streams.get(channel);
    if (stream === undefined) return Promise.resolve();
    this.#streams.delete(channel);
    const { position } = this.#stream(channel, stream.retention);
    if (this.#subscribed.has(channel)) this.#context.head(channel, position);
    return Promise.resolve();
  }

  lease(): Promise<boolean> {
    // There is no other node.
    return Promise.resolve(true);
  }

  unlease(): Promise<void> {
    return Promise.resolve();
  }

  post(): void {
    // There is no other node.
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#subscribed.clear();
    this.#streams.clear();
    this.#seen.clear();
    return Promise.resolve();
  }

  #send(publication: Publication): Published {
    this.#deliver(publication);
    return { position: null, suppressed: null };
  }

  #deliver(publication: Publication): void {
    if (this.#subscribed.has(publication.channel)) this.#context.deliver([publication]);
  }

  #stream(channel: string, retention: Retention): MemoryStream {
    const now = this.#now();
    let stream = this.#streams.get(channel);
    if (stream === undefined) {
      this.#sweepNowAndThen(now);
      stream = new MemoryStream(channel, retention, (one) => this.#deliver(one));
      this.#streams.set(channel, stream);
    }
    stream.touch(retention, now);
    return stream;
  }

  #sweepNowAndThen(now: number): void {
    if (--this.#untilSweep > 0) return;
    this.#untilSweep = sweepEvery;
    for (const [key, seen] of this.#seen) if (seen.until <= now) this.#seen.delete(key);
    for (const [channel, stream] of this.#streams) {
      if (!this.#subscribed.has(channel) && stream.isForgettable(now)) {
        this.#streams.delete(channel);
      }
    }
  }
}
