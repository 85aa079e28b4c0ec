/**
 * One channel in this isolate: what is in order waits here for the next flush, goes to the
 * subscribers in batches and stays in a ring for a while.
 *
 * `position` is what the subscribers have been given; whatever follows it is pending. So whoever
 * attaches at `position` misses nothing and repeats nothing.
 */
import type { HistoryPage, HistoryReader } from "../broker/broker.ts";
import { sameEpoch } from "../broker/broker.ts";
import type { Retention } from "../channels.ts";
import type { Publication, Signal, StreamPosition } from "../protocol/publication.ts";
import { Batch } from "./batch.ts";
import type { Flushable, Pacer, Sample } from "./pacer.ts";
import { Ring } from "./ring.ts";
import { Sequence, type SequenceState, type Sink } from "./sequence.ts";
import type { Subscriber } from "./subscriber.ts";

/** Lengths are of the publications' bodies, in UTF-16 units. */
const ringLimit = { count: 1_024, length: 512 * 1024 };
/** What one flush carries at most: every subscriber gets a copy of it. */
const maxFlushLength = 256 * 1024;
/** What one read for somebody who catches up brings. */
const maxPageLength = 512 * 1024;
/** With more than this pending, kept publications wait in the log, others are dropped. */
const maxPendingLength = 1024 * 1024;

/** For metrics. `dropped`: publications that were kept nowhere, because flushes were behind. */
export type Counted = "gap" | "reset" | "delivered" | "dropped";

export interface StreamContext {
  readonly history: HistoryReader;
  readonly pacer: Pacer;
  readonly onError: (error: unknown, stage: string) => void;
  readonly count: (what: Counted, n: number) => void;
}

export class ChannelStream implements Flushable, Sink {
  readonly channel: string;
  readonly id: number;
  /** null: publications have no positions and nothing is recovered. */
  readonly retention: Retention | null;
  readonly subscribers = new Set<Subscriber>();
  readonly #context: StreamContext;
  readonly #sequence: Sequence | null;
  readonly #ring: Ring;
  #position: StreamPosition = { epoch: "", offset: 0 };
  #pending: Publication[] = [];
  #pendingLength = 0;
  #closed = false;
  /** Readers that are ahead of this isolate. */
  #waiting: { readonly offset: number; wake(): void }[] = [];
  readonly #pages = new Map<string, Promise<HistoryPage>>();

  constructor(channel: string, id: number, retention: Retention | null, context: StreamContext) {
    this.channel = channel;
    this.id = id;
    this.retention = retention;
    this.#context = context;
    // No more than the log keeps: what an operator limits is limited here, too.
    this.#ring = new Ring(Math.min(ringLimit.count, retention?.size ?? 0), ringLimit.length);
    this.#sequence = retention && new Sequence(channel, retention, context.history, this);
  }

  /** What the subscribers have been given; null without history. */
  get position(): StreamPosition | null {
    return this.retention === null ? null : this.#position;
  }

  get state(): SequenceState {
    return this.#sequence?.state ?? "live";
  }

  /** Reads the head; live from its resolution on. Live publications may come in before. */
  async open(): Promise<void> {
    if (this.retention === null) return;
    const query = { retention: this.retention, limit: 0 };
    const { position } = await this.#context.history.history(this.channel, query);
    this.#position = position;
    this.#sequence?.open(position);
  }

  close(): void {
    this.#closed = true;
    this.#sequence?.close();
    this.#pending = [];
    this.#pendingLength = 0;
    this.#wake(Infinity);
  }

  /** Live publications from the broker, in any order, some of them twice. */
  accept(publication: Publication): void {
    const { position } = publication;
    if (position !== null) return this.#sequence?.accept(publication, position);
    // Kept nowhere: a namespace without history, or a publisher that wanted it so.
    if (this.full) this.#context.count("dropped", 1);
    else this.append(publication);
  }

  /** The log has reached this position. */
  head(position: StreamPosition): void {
    this.#sequence?.head(position);
  }

  signal(signal: Signal): void {
    for (const subscriber of this.subscribers) subscriber.signal(this.channel, signal);
  }

  flush(sample: Sample): void {
    if (this.#pending.length === 0) return;
    const publications = this.#takePending();
    const batch = new Batch(this.channel, this.id, publications);
    if (batch.position !== null) {
      this.#position = batch.position;
      this.#ring.push(publications);
    }
    this.#deliver(batch, sample);
    this.#wake(this.#position.offset);
    if (this.#pending.length > 0) this.#context.pacer.schedule(this);
  }

  /** Resolves when `position` has come to `offset`, or the stream was reset or closed. */
  reach(offset: number): Promise<void> {
    if (this.#closed || this.#position.offset >= offset) return Promise.resolve();
    return new Promise((wake) => this.#waiting.push({ offset, wake }));
  }

  /**
   * At most `limit` publications after `since` and none after `position`; "lost" when they are no
   * longer all there. From the ring when it reaches back so far, else from the log.
   */
  async read(since: StreamPosition, limit: number): Promise<readonly Publication[] | "lost"> {
    if (this.retention === null) return [];
    if (this.#closed || !sameEpoch(since.epoch, this.#position.epoch)) return "lost";
    if (since.offset === this.#position.offset) return [];
    const recent = this.#ring.after(since.offset, limit);
    if (recent !== undefined && since.offset <= this.#position.offset) return recent;
    const page = await this.#page(this.retention, since, limit);
    const head = this.#position;
    if (!page.reachable || page.position.epoch !== head.epoch) return "lost";
    // Ahead of us, yet behind the log: what this isolate gives its subscribers has to catch up.
    if (since.offset > head.offset) this.head(page.position);
    return page.publications.filter(({ position }) => (position?.offset ?? 0) <= head.offset);
  }

  // The sink of the sequence.

  append(publication: Publication): void {
    this.#pending.push(publication);
    this.#pendingLength += publication.body.length;
    this.#context.pacer.schedule(this);
  }

  get full(): boolean {
    return this.#pendingLength > maxPendingLength;
  }

  async room(): Promise<void> {
    while (this.#pendingLength > maxFlushLength) await this.#context.pacer.settled();
  }

  async startOver(position: StreamPosition): Promise<void> {
    while (this.#pending.length > 0) await this.#context.pacer.settled();
    if (this.#closed) return;
    this.#ring.clear();
    this.#position = position;
    this.#context.count("reset", 1);
    for (const subscriber of [...this.subscribers]) subscriber.reset(this.channel, position);
    this.#wake(Infinity);
  }

  hole(): void {
    this.#context.count("gap", 1);
  }

  onError(error: unknown, stage: string): void {
    this.#context.onError(error, stage);
  }

  /** As many of the pending as one flush carries, one at least. */
  #takePending(): Publication[] {
    if (this.#pendingLength <= maxFlushLength) {
      const all = this.#pending;
      this.#pending = [];
      this.#pendingLength = 0;
      return all;
    }
    let length = 0;
    let count = 0;
    for (const { body } of this.#pending) {
      if (count > 0 && length + body.length > maxFlushLength) break;
      length += body.length;
      count++;
    }
    this.#pendingLength -= length;
    return this.#pending.splice(0, count);
  }

  #deliver(batch: Batch, sample: Sample): void {
    const count = this.subscribers.size;
    // Members of the sample from all over the set, others each time: a few that are stuck must not
    // be the ones that are always asked.
    const stride = Math.max(1, Math.floor(count / sample.size));
    let untilMember = Math.floor(Math.random() * stride);
    for (const subscriber of this.subscribers) {
      this.#handOver(subscriber, batch);
      if (untilMember-- > 0) continue;
      untilMember = stride - 1;
      sample.add(subscriber);
    }
    this.#context.count("delivered", batch.publications.length * count);
  }

  /** Subscribers do not throw; should one do so, it alone is the worse for it, and is told. */
  #handOver(subscriber: Subscriber, batch: Batch): void {
    try {
      subscriber.deliver(batch);
    } catch (error) {
      this.#context.onError(error, "deliver");
      this.subscribers.delete(subscriber);
      subscriber.reset(this.channel, this.#position);
    }
  }

  #wake(offset: number): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((one) => one.offset > offset);
    for (const one of waiting) if (one.offset <= offset) one.wake();
  }

  /** One log read for all who ask for the same page at the same time. */
  #page(retention: Retention, since: StreamPosition, limit: number): Promise<HistoryPage> {
    const key = `${since.offset} ${limit} ${since.epoch}`;
    const under = this.#pages.get(key);
    if (under !== undefined) return under;
    const query = { retention, since, limit, maxLength: maxPageLength };
    const page = this.#context.history.history(this.channel, query)
      .finally(() => this.#pages.delete(key));
    this.#pages.set(key, page);
    return page;
  }
}
