/**
 * One channel in this isolate: what is in order waits here for the next flush, goes to the
 * subscribers in batches and stays in a ring for a while.
 *
 * `position` is what the subscribers have been given; whatever follows it is pending. So whoever
 * attaches at `position` misses nothing and repeats nothing.
 */
import type { Broker } from "../broker/broker.ts";
import { sameEpoch } from "../broker/broker.ts";
import type { Namespace, Retention } from "../channels.ts";
import type { Filter } from "../protocol/filter.ts";
import type { Publication, Signal, StreamPosition } from "../protocol/publication.ts";
import { Batch } from "./batch.ts";
import { filtered } from "./filtered.ts";
import { LogReader } from "./log_reader.ts";
import { latestOfEach } from "./mirror.ts";
import type { Flushable, Pacer, Sample } from "./pacer.ts";
import { maxFlushLength, Pending } from "./pending.ts";
import { Ring } from "./ring.ts";
import { Sequence, type SequenceState, type Sink } from "./sequence.ts";
import { SharedBatches } from "./shared_batches.ts";
import { ChannelState } from "./state.ts";
import type { Subscriber } from "./subscriber.ts";

/** Lengths are of the publications' bodies, in UTF-16 units. */
const ringLimit = { count: 1_024, length: 512 * 1024 };
/** With more than this pending, kept publications wait in the log, others are dropped. */
const maxPendingLength = 1024 * 1024;

/**
 * For metrics. `dropped`: publications that were kept nowhere, because flushes were behind;
 * `conflated`: a reader was given a later value of the key in their place.
 */
export type Counted = "gap" | "reset" | "delivered" | "dropped" | "conflated";

/** What of a namespace's rules a stream goes by. */
export type StreamRules = Pick<Namespace, "history" | "keyed">;

export interface StreamContext {
  readonly broker: Pick<Broker, "history" | "state" | "publish">;
  readonly pacer: Pacer;
  readonly onError: (error: unknown, stage: string) => void;
  readonly count: (what: Counted, n: number) => void;
}

export class ChannelStream implements Flushable, Sink {
  readonly channel: string;
  readonly id: number;
  /** null: publications have no positions and nothing is recovered. */
  readonly retention: Retention | null;
  /** null: a plain stream. */
  readonly state: ChannelState | null;
  readonly subscribers = new Set<Subscriber>();
  readonly #context: StreamContext;
  readonly #sequence: Sequence | null;
  readonly #ring: Ring;
  #position: StreamPosition = { epoch: "", offset: 0 };
  readonly #pending = new Pending();
  #given = 0;
  #closed = false;
  /** Readers that are ahead of this isolate. */
  #waiting: { readonly offset: number; wake(): void }[] = [];
  readonly #log: LogReader | null;
  readonly #batches: SharedBatches;

  constructor(channel: string, id: number, rules: StreamRules, context: StreamContext) {
    const { history: retention, keyed } = rules;
    this.channel = channel;
    this.id = id;
    this.retention = retention;
    this.state = retention && keyed && new ChannelState(channel, retention, keyed, context);
    this.#context = context;
    this.#batches = new SharedBatches(channel, id);
    this.#log = retention && new LogReader(channel, retention, context.broker);
    // No more than the log keeps: what an operator limits is limited here, too.
    this.#ring = new Ring(Math.min(ringLimit.count, retention?.size ?? 0), ringLimit.length);
    this.#sequence = retention && new Sequence(channel, retention, context.broker, this);
  }

  /** What the subscribers have been given; null without history. */
  get position(): StreamPosition | null {
    return this.retention === null ? null : this.#position;
  }

  /** Publications that its subscribers have been given since it was opened. */
  get given(): number {
    return this.#given;
  }

  get order(): SequenceState {
    return this.#sequence?.state ?? "live";
  }

  /** Reads the head, and the state; live from then on. Live publications may come in before. */
  async open(): Promise<void> {
    if (this.#log === null) return;
    if (this.state === null) return this.#openAt(await this.#log.head());
    const whole = await this.state.read();
    this.state.load(whole);
    this.#openAt(whole.position);
    // What changed while it was read is missing until the stream has brought it.
    await this.level();
    await this.state.startExpiry();
  }

  /** Resolves when it is as far as the log is now. */
  async level(): Promise<void> {
    if (this.#log === null) return;
    const head = await this.#log.head();
    this.head(head);
    await this.reach(head.offset);
  }

  close(): void {
    this.#closed = true;
    this.#sequence?.close();
    this.state?.close();
    this.#pending.clear();
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
    if (this.#pending.count === 0) return;
    const publications = this.#pending.take();
    this.#given += publications.length;
    this.#batches.clear();
    const replaced = this.state?.apply(publications);
    const batch = new Batch(this.channel, this.id, publications, undefined, replaced);
    if (batch.position !== null) {
      this.#position = batch.position;
      this.#ring.push(publications);
    }
    this.#deliver(batch, sample);
    this.#wake(this.#position.offset);
    if (this.#pending.count > 0) this.#context.pacer.schedule(this);
  }

  /** Resolves when `position` has come to `offset`, or the stream was reset or closed. */
  reach(offset: number): Promise<void> {
    if (this.#closed || this.#position.offset >= offset) return Promise.resolve();
    return new Promise((wake) => this.#waiting.push({ offset, wake }));
  }

  /**
   * At most `limit` publications after `since` and none after `position`; "lost" when they are no
   * longer all there. From the ring when it reaches back so far, else from the log. A reader of
   * state that has missed more than the ring or `limit` holds, or wants no more than that, is given
   * the latest of each key.
   */
  async read(
    since: StreamPosition,
    limit: number,
    latest = false,
  ): Promise<readonly Publication[] | "lost"> {
    if (this.#log === null) return [];
    if (this.#closed || !sameEpoch(since.epoch, this.#position.epoch)) return "lost";
    const behind = this.#position.offset - since.offset;
    if (behind === 0) return [];
    const recent = behind > 0 ? this.#ring.after(since.offset, limit) : undefined;
    if (this.state !== null && behind > 0 && (latest || behind > limit || recent === undefined)) {
      // Also where the log no longer reaches back: snapshots may be older than what it keeps.
      const changes = this.state.mirror.changesSince(since.offset, limit) ?? [];
      if (changes.length > 0) return this.#conflated(since, changes);
    }
    if (recent !== undefined) return recent;
    const page = await this.#log.page(since, limit);
    const head = this.#position;
    if (!page.reachable || page.position.epoch !== head.epoch) return "lost";
    // Ahead of us, yet behind the log: what this isolate gives its subscribers has to catch up.
    if (since.offset > head.offset) this.head(page.position);
    const read = page.publications.filter(({ position }) => (position?.offset ?? 0) <= head.offset);
    return this.state === null ? read : this.#conflated(since, latestOfEach(read));
  }

  /**
   * A batch of what `read` gave; the same one for all who were given the same in this turn.
   * @param base as for `filtered`.
   */
  batch(publications: readonly Publication[], base: number, filter: Filter | null): Batch {
    const through = () =>
      filter === null ? publications : this.filtered(publications, base, filter);
    return this.#batches.batch(publications, base, filter, through);
  }

  /**
   * What a filter leaves of what `read` gave.
   * @param base the reader may know keys as they were at any offset from there on.
   */
  filtered(publications: readonly Publication[], base: number, filter: Filter): Publication[] {
    const mayHave = (key: string) => this.state?.mirror.mayHaveChangedTags(key, base) ?? false;
    return filtered(publications, filter, mayHave);
  }

  // The sink of the sequence.

  append(publication: Publication): void {
    this.#pending.push(publication);
    this.#context.pacer.schedule(this);
  }

  get full(): boolean {
    return this.#pending.length > maxPendingLength;
  }

  async room(): Promise<void> {
    while (this.#pending.length > maxFlushLength) await this.#context.pacer.settled();
  }

  async startOver(head: StreamPosition): Promise<StreamPosition> {
    while (this.#pending.count > 0) await this.#context.pacer.settled();
    const whole = await this.state?.read();
    const position = whole?.position ?? head;
    if (this.#closed) return position;
    if (whole !== undefined) this.state?.load(whole);
    this.#ring.clear();
    this.#batches.clear();
    this.#position = position;
    this.#context.count("reset", 1);
    for (const subscriber of [...this.subscribers]) subscriber.reset(this.channel, position);
    this.#wake(Infinity);
    return position;
  }

  hole(): void {
    this.#context.count("gap", 1);
  }

  onError(error: unknown, stage: string): void {
    this.#context.onError(error, stage);
  }

  #openAt(position: StreamPosition): void {
    this.#position = position;
    this.#sequence?.open(position);
  }

  /** Counts what the reader is spared. */
  #conflated(since: StreamPosition, given: Publication[]): Publication[] {
    const last = given.at(-1)?.position?.offset ?? since.offset;
    const spared = last - since.offset - given.length;
    if (spared > 0) this.#context.count("conflated", spared);
    return given;
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
}
