/** `memory:`: streams in this isolate's memory, gone with it. For one node, and for tests. */
import type { Retention } from "../channels.ts";
import {
  type Draft,
  encodeBody,
  type Publication,
  type Signal,
  type StreamPosition,
} from "../protocol/publication.ts";
import {
  type Broker,
  type BrokerContext,
  fitting,
  type HistoryPage,
  type HistoryQuery,
  newEpoch,
  type Published,
  type PublishOptions,
  sameEpoch,
} from "./broker.ts";

interface Stream {
  readonly epoch: string;
  offset: number;
  /** Kept publications in offset order. */
  kept: Publication[];
  retention: Retention;
  touched: number;
}

interface Seen {
  readonly published: Published;
  readonly until: number;
}

/** A stream nobody has touched for this many times its age limit is forgotten, epoch and all. */
const forgetAfterTtls = 10;
/** Anybody who may subscribe can begin a stream: one that nobody has published to goes sooner. */
const unusedMs = 10 * 60_000;
/** Publishes, or streams begun. */
const sweepEvery = 1_024;

export function memoryBroker(context: BrokerContext, now: () => number = Date.now): Broker {
  return new MemoryBroker(context, now);
}

class MemoryBroker implements Broker {
  readonly #context: BrokerContext;
  readonly #now: () => number;
  readonly #subscribed = new Set<string>();
  readonly #streams = new Map<string, Stream>();
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

  publish(channel: string, draft: Draft, options: PublishOptions): Promise<Published> {
    const now = this.#now();
    this.#sweepNowAndThen(now);
    const seenKey = options.idempotency && `${channel}\n${options.idempotency.key}`;
    if (seenKey !== undefined) {
      const seen = this.#seen.get(seenKey);
      if (seen !== undefined && seen.until > now) {
        return Promise.resolve({ ...seen.published, duplicate: true });
      }
    }
    const publication = this.#append(channel, draft, options.retention, now);
    const published = { position: publication.position, duplicate: false };
    if (seenKey !== undefined && options.idempotency !== undefined) {
      this.#seen.set(seenKey, { published, until: now + options.idempotency.ttlMs });
    }
    if (this.#subscribed.has(channel)) this.#context.deliver([publication]);
    return Promise.resolve(published);
  }

  signal(channel: string, signal: Signal): void {
    if (this.#subscribed.has(channel)) this.#context.signal(channel, signal);
  }

  history(channel: string, query: HistoryQuery): Promise<HistoryPage> {
    const stream = this.#stream(channel, query.retention);
    this.#trim(stream);
    const { since } = query;
    const head = { epoch: stream.epoch, offset: stream.offset };
    let reachable = true;
    let found = stream.kept;
    if (since !== undefined) {
      reachable = isReachable(since, stream);
      const same = sameEpoch(since.epoch, stream.epoch);
      found = !same
        ? []
        : found.filter((one) =>
          query.reverse ? offsetOf(one) < since.offset : offsetOf(one) > since.offset
        );
    }
    const ordered = query.reverse ? found.toReversed() : found;
    return Promise.resolve({
      publications: fitting(ordered.slice(0, query.limit), query.maxLength),
      position: head,
      reachable,
    });
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

  #append(channel: string, draft: Draft, retention: Retention | null, now: number): Publication {
    if (retention === null) {
      return { channel, position: null, body: encodeBody(draft, null, now), time: now };
    }
    const stream = this.#stream(channel, retention);
    const position = { epoch: stream.epoch, offset: ++stream.offset };
    const publication = { channel, position, body: encodeBody(draft, position, now), time: now };
    stream.kept.push(publication);
    // Cutting the array at each append would cost its length; let it grow by half first.
    if (stream.kept.length > retention.size * 1.5 + 16) this.#trim(stream);
    return publication;
  }

  #stream(channel: string, retention: Retention): Stream {
    let stream = this.#streams.get(channel);
    if (stream === undefined) {
      this.#sweepNowAndThen(this.#now());
      stream = { epoch: newEpoch(), offset: 0, kept: [], retention, touched: 0 };
      this.#streams.set(channel, stream);
    }
    stream.retention = retention;
    stream.touched = this.#now();
    return stream;
  }

  #trim(stream: Stream): void {
    const oldest = this.#now() - stream.retention.ttlMs;
    let first = Math.max(0, stream.kept.length - stream.retention.size);
    while (first < stream.kept.length && (stream.kept[first]?.time ?? 0) < oldest) first++;
    if (first > 0) stream.kept = stream.kept.slice(first);
  }

  #sweepNowAndThen(now: number): void {
    if (--this.#untilSweep > 0) return;
    this.#untilSweep = sweepEvery;
    for (const [key, seen] of this.#seen) if (seen.until <= now) this.#seen.delete(key);
    for (const [channel, stream] of this.#streams) {
      if (this.#subscribed.has(channel)) continue;
      const unused = stream.offset === 0 && now - stream.touched > unusedMs;
      if (unused || now - stream.touched > stream.retention.ttlMs * forgetAfterTtls) {
        this.#streams.delete(channel);
      }
    }
  }
}

function offsetOf(publication: Publication): number {
  return publication.position?.offset ?? 0;
}

function isReachable(since: StreamPosition, stream: Stream): boolean {
  if (!sameEpoch(since.epoch, stream.epoch) || since.offset > stream.offset) return false;
  const first = stream.kept[0];
  return since.offset === stream.offset ||
    (first !== undefined && offsetOf(first) <= since.offset + 1);
}
