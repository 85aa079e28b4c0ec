/** `memory:`: streams in this isolate's memory, gone with it. For one node, and for tests. */
import type { Retention } from "../channels.ts";
import {
  type Draft,
  type Publication,
  publicationOf,
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
  type StatePage,
  type StateQuery,
} from "./broker.ts";
import { type Entry, type Fill, fillAfter, isExpired, suppressedBy } from "./key_rules.ts";
import { statePage } from "./state_page.ts";

interface Stream {
  readonly epoch: string;
  offset: number;
  /** Kept publications in offset order. */
  kept: Publication[];
  retention: Retention;
  touched: number;
  /** Of a state channel. */
  readonly state: Map<string, Entry>;
  fill: Fill;
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
        return Promise.resolve({ ...seen.published, suppressed: "idempotency" });
      }
    }
    let publication: Publication | Published;
    try {
      publication = this.#take(channel, draft, options, now);
    } catch (error) {
      return Promise.reject(error);
    }
    if ("suppressed" in publication) return Promise.resolve(publication);
    const published: Published = { position: publication.position, suppressed: null };
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

  state(channel: string, query: StateQuery): Promise<StatePage> {
    const stream = this.#stream(channel, query.retention);
    const head = { epoch: stream.epoch, offset: stream.offset };
    const { state, fill } = stream;
    const one = query.key === undefined ? undefined : state.get(query.key);
    const entries = query.key === undefined ? [...state.values()] : one === undefined ? [] : [one];
    try {
      const publications = entries.map(({ publication }) => publication);
      return Promise.resolve(statePage(publications, query, head, fill.keys, this.#now()));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  clear(channel: string): Promise<void> {
    const stream = this.#streams.get(channel);
    if (stream === undefined) return Promise.resolve();
    this.#streams.delete(channel);
    const { epoch, offset } = this.#stream(channel, stream.retention);
    if (this.#subscribed.has(channel)) this.#context.head(channel, { epoch, offset });
    return Promise.resolve();
  }

  lease(): Promise<boolean> {
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

  #take(
    channel: string,
    draft: Draft,
    options: PublishOptions,
    now: number,
  ): Publication | Published {
    const { retention, keyed, condition = {} } = options;
    if (retention === null) return publicationOf(channel, draft, null, now);
    const stream = this.#stream(channel, retention);
    if (keyed === undefined || draft.key === undefined) {
      return this.#append(stream, channel, draft, now);
    }
    const before = stream.state.get(draft.key) ?? null;
    const suppressed = suppressedBy(draft, condition, before);
    const head = { epoch: stream.epoch, offset: stream.offset };
    if (suppressed !== null) return { position: head, suppressed };
    const tags = draft.removed ? before?.publication.tags : draft.tags;
    const tagged = tags === undefined ? draft : { ...draft, tags };
    const full = before === null && stream.fill.keys >= keyed.maxKeys;
    if (full) this.#dropExpired(stream, channel, options, now);
    const position = { epoch: stream.epoch, offset: stream.offset + 1 };
    const fill = fillAfter(
      stream.fill,
      publicationOf(channel, tagged, position, now),
      before,
      keyed,
    );
    const publication = this.#append(stream, channel, tagged, now);
    stream.fill = fill;
    // Last changed, last in the map.
    stream.state.delete(draft.key);
    if (!draft.removed) {
      const { version } = condition;
      stream.state.set(draft.key, { publication, ...(version && { version }) });
    }
    return publication;
  }

  /** A full channel may hold what nobody has removed yet, since nobody listened. */
  #dropExpired(stream: Stream, channel: string, options: PublishOptions, now: number): void {
    const { keyed } = options;
    if (keyed === undefined) return;
    for (const [key, { publication }] of stream.state) {
      if (!isExpired(publication, keyed, now)) return;
      const removal: Draft = { data: "null", key, removed: true };
      const taken = this.#take(channel, removal, { ...options, condition: {} }, now);
      if (!("suppressed" in taken) && this.#subscribed.has(channel)) this.#context.deliver([taken]);
    }
  }

  #append(stream: Stream, channel: string, draft: Draft, now: number): Publication {
    const position = { epoch: stream.epoch, offset: ++stream.offset };
    const publication = publicationOf(channel, draft, position, now);
    stream.kept.push(publication);
    // Cutting the array at each append would cost its length; let it grow by half first.
    if (stream.kept.length > stream.retention.size * 1.5 + 16) this.#trim(stream);
    return publication;
  }

  #stream(channel: string, retention: Retention): Stream {
    let stream = this.#streams.get(channel);
    if (stream === undefined) {
      this.#sweepNowAndThen(this.#now());
      stream = {
        epoch: newEpoch(),
        offset: 0,
        kept: [],
        retention,
        touched: 0,
        state: new Map(),
        fill: { keys: 0, length: 0 },
      };
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
      if (stream.state.size > 0) continue;
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
