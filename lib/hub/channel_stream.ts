/**
 * One channel in this isolate: puts live publications in order, fills holes from the log, keeps a
 * ring of recent ones and hands batches to the subscribers.
 *
 *     opening ──head read──▶ live ──hole seen──▶ filling ──filled──▶ live
 *
 * `position` is what the subscribers have been given. Everything after it up to the tail is
 * pending, so whoever attaches at `position` misses nothing and repeats nothing.
 */
import type { HistoryPage, HistoryReader } from "../broker/broker.ts";
import { sameEpoch } from "../broker/broker.ts";
import type { Retention } from "../channels.ts";
import { shortWait } from "../kv/retry.ts";
import type { Publication, Signal, StreamPosition } from "../protocol/publication.ts";
import { Batch } from "./batch.ts";
import type { Flushable, Pacer, Sample } from "./pacer.ts";
import { Ring } from "./ring.ts";
import type { Subscriber } from "./subscriber.ts";

type State =
  | { readonly name: "opening" }
  | { readonly name: "live" }
  | { readonly name: "filling" };

/** Publications ahead of a hole that are kept while it is filled; the log has the rest. */
const maxHeld = 512;
/** Publications read from the log at a time. */
const pageSize = 1_000;
const ringCount = 1_024;
const ringLength = 512 * 1024;
/** Pending ones beyond this length wait in the log, not in memory. */
const maxPendingLength = 8 * 1024 * 1024;

export interface StreamContext {
  readonly history: HistoryReader;
  readonly pacer: Pacer;
  readonly onError: (error: unknown, stage: string) => void;
  /** Counts, for metrics: a hole that was filled, a stream that was reset. */
  readonly count: (what: "gap" | "reset" | "delivered", n: number) => void;
}

export class ChannelStream implements Flushable {
  readonly channel: string;
  readonly id: number;
  /** null: publications have no positions and nothing is recovered. */
  readonly retention: Retention | null;
  readonly subscribers = new Set<Subscriber>();
  readonly #context: StreamContext;
  readonly #ring = new Ring(ringCount, ringLength);
  #state: State = { name: "opening" };
  #position: StreamPosition = { epoch: "", offset: 0 };
  #tail = 0;
  #pending: Publication[] = [];
  #pendingLength = 0;
  #held = new Map<number, Publication>();
  /** The furthest head heard of. */
  #target: StreamPosition = { epoch: "", offset: 0 };
  #closed = false;
  /** Readers that are ahead of this isolate. */
  #waiting: { readonly offset: number; wake(): void }[] = [];
  readonly #pages = new Map<string, Promise<HistoryPage>>();

  constructor(channel: string, id: number, retention: Retention | null, context: StreamContext) {
    this.channel = channel;
    this.id = id;
    this.retention = retention;
    this.#context = context;
  }

  /** What the subscribers have been given; null without history. */
  get position(): StreamPosition | null {
    return this.retention === null ? null : this.#position;
  }

  get state(): State["name"] {
    return this.#state.name;
  }

  /** Reads the head; live from its resolution on. Live publications may come in before. */
  async open(): Promise<void> {
    if (this.retention !== null) {
      const { position } = await this.#context.history.history(this.channel, {
        retention: this.retention,
        limit: 0,
      });
      this.#position = position;
      this.#tail = position.offset;
    }
    this.#state = { name: "live" };
    this.#applyHeld();
  }

  close(): void {
    this.#closed = true;
    this.#pending = [];
    this.#held.clear();
    this.#wake(Infinity);
  }

  /** Live publications from the broker, in any order, some of them twice. */
  accept(publication: Publication): void {
    const { position } = publication;
    // Not kept: a namespace without history, or a publisher that wanted it so.
    if (position === null) return this.#append(publication);
    if (this.retention === null) return;
    if (this.#state.name !== "live") return this.#hold(publication, position);
    if (position.epoch === this.#position.epoch) {
      if (position.offset <= this.#tail) return;
      if (position.offset === this.#tail + 1) return this.#append(publication);
    }
    this.#hold(publication, position);
    this.#fill();
  }

  /** The log has reached this position. */
  head(position: StreamPosition): void {
    if (this.retention === null) return;
    const known = position.epoch === this.#position.epoch && position.offset <= this.#tail;
    if (known) return;
    this.#raiseTarget(position);
    if (this.#state.name === "live") this.#fill();
  }

  signal(signal: Signal): void {
    for (const subscriber of this.subscribers) subscriber.signal(this.channel, signal);
  }

  flush(sample: Sample): void {
    const publications = this.#pending;
    if (publications.length === 0 || this.#closed) return;
    this.#pending = [];
    this.#pendingLength = 0;
    const batch = new Batch(this.channel, this.id, publications);
    if (batch.position !== null) {
      this.#position = batch.position;
      this.#ring.push(publications);
    }
    this.#deliver(batch, sample);
    this.#wake();
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

  /** Resolves when `position` has come to `offset`, or the stream was reset or closed. */
  reach(offset: number): Promise<void> {
    if (this.#closed || this.#position.offset >= offset) return Promise.resolve();
    return new Promise((wake) => this.#waiting.push({ offset, wake }));
  }

  #wake(offset = this.#position.offset): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((one) => one.offset > offset);
    for (const one of waiting) if (one.offset <= offset) one.wake();
  }

  /**
   * At most `limit` publications after `since` and none after `position`; "lost" when they are no
   * longer all there. From the ring when it reaches back so far, else from the log.
   */
  async read(since: StreamPosition, limit: number): Promise<readonly Publication[] | "lost"> {
    if (this.retention === null) return [];
    if (!sameEpoch(since.epoch, this.#position.epoch)) return "lost";
    if (since.offset === this.#position.offset) return [];
    const recent = this.#ring.after(since.offset, limit);
    if (recent !== undefined && since.offset <= this.#position.offset) return recent;
    const page = await this.#page(this.retention, since, limit);
    const head = this.#position;
    // Ahead of us, yet behind the log: what this isolate gives its subscribers has only to catch up.
    const ahead = sameEpoch(since.epoch, page.position.epoch) && since.offset > head.offset;
    if (!page.reachable || page.position.epoch !== head.epoch) return "lost";
    if (ahead) this.head(page.position);
    return page.publications.filter(({ position }) => (position?.offset ?? 0) <= head.offset);
  }

  /** One log read for all who ask for the same page at the same time. */
  #page(retention: Retention, since: StreamPosition, limit: number): Promise<HistoryPage> {
    const key = `${since.offset} ${limit} ${since.epoch}`;
    const under = this.#pages.get(key);
    if (under !== undefined) return under;
    const page = this.#context.history.history(this.channel, { retention, since, limit })
      .finally(() => this.#pages.delete(key));
    this.#pages.set(key, page);
    return page;
  }

  #append(publication: Publication): void {
    if (publication.position !== null) this.#tail = publication.position.offset;
    this.#pending.push(publication);
    this.#pendingLength += publication.body.length;
    this.#context.pacer.schedule(this);
  }

  #hold(publication: Publication, position: StreamPosition): void {
    if (this.#held.size < maxHeld) this.#held.set(position.offset, publication);
    this.#raiseTarget(position);
  }

  #raiseTarget(position: StreamPosition): void {
    const further = position.epoch !== this.#target.epoch || position.offset > this.#target.offset;
    if (further) this.#target = position;
  }

  /** Takes over held publications that now follow; starts filling when a hole remains. */
  #applyHeld(): void {
    const epoch = this.#position.epoch;
    for (let next = this.#held.get(this.#tail + 1); next !== undefined;) {
      if (next.position?.epoch !== epoch) break;
      this.#append(next);
      next = this.#held.get(this.#tail + 1);
    }
    this.#held.clear();
    const behind = this.#target.epoch === epoch
      ? this.#target.offset > this.#tail
      : this.#target.epoch !== "";
    if (behind && !this.#closed) this.#fill();
  }

  #fill(): void {
    if (this.#state.name === "filling" || this.retention === null || this.#closed) return;
    this.#state = { name: "filling" };
    this.#context.count("gap", 1);
    this.#fillUntilLevel(this.retention).then(() => {
      this.#state = { name: "live" };
      this.#target = this.#target.epoch === this.#position.epoch
        ? this.#target
        : { epoch: "", offset: 0 };
      this.#applyHeld();
    });
  }

  /** Appends from the log until its head is reached. Never rejects: it tries until closed. */
  async #fillUntilLevel(retention: Retention): Promise<void> {
    for (let attempt = 0; !this.#closed;) {
      try {
        const since = { epoch: this.#position.epoch, offset: this.#tail };
        const heard = this.#target;
        const page = await this.#context.history.history(this.channel, {
          retention,
          since,
          limit: pageSize,
        });
        attempt = 0;
        if (!page.reachable) {
          await this.#restart(page.position);
          continue;
        }
        for (const publication of page.publications) {
          if ((publication.position?.offset ?? 0) === this.#tail + 1) this.#append(publication);
        }
        if (this.#held.has(this.#tail + 1)) return;
        // What was heard of since the read began may be news to it.
        if (page.position.offset <= this.#tail && this.#target === heard) return;
        if (this.#pendingLength > maxPendingLength / 4) await this.#context.pacer.settled();
      } catch (error) {
        this.#context.onError(error, "fill");
        await shortWait(Math.min(2_000, 50 * 2 ** attempt++));
      }
    }
  }

  /** The log no longer holds what follows: says so, and goes on from its head. */
  async #restart(position: StreamPosition): Promise<void> {
    await this.#context.pacer.settled();
    this.#pending = [];
    this.#pendingLength = 0;
    this.#ring.clear();
    this.#held.clear();
    this.#position = position;
    this.#tail = position.offset;
    this.#context.count("reset", 1);
    for (const subscriber of [...this.subscribers]) subscriber.reset(this.channel, position);
    this.#wake(Infinity);
  }
}
