/**
 * Puts the live publications of one kept stream in order and fills holes from the log.
 *
 *     opening ──opened──▶ live ──hole seen, or the sink is full──▶ filling ──level──▶ live
 *
 * What comes out is without a hole and without a repeat. Where that cannot be, because the log no
 * longer holds what follows or the stream began anew, the sink is told to start over.
 */
import type { HistoryReader } from "../broker/broker.ts";
import type { Retention } from "../channels.ts";
import { shortWait } from "../kv/retry.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";

/** Where ordered publications go. */
export interface Sink {
  append(publication: Publication): void;
  /** Whether it would rather have the rest wait in the log. */
  readonly full: boolean;
  /** Resolves when it can take a page of the log. */
  room(): Promise<void>;
  /**
   * What follows cannot be had: it goes on after `head`, or after the later position that this
   * resolves to when it has been said.
   */
  startOver(head: StreamPosition): Promise<StreamPosition>;
  /** A hole was seen. */
  hole(): void;
  onError(error: unknown, stage: string): void;
}

export type SequenceState = "opening" | "live" | "filling" | "closed";

/** Publications ahead of a hole that are kept while it is filled; the log has the rest. */
const maxHeld = 512;
/** What is read from the log at a time: publications, and UTF-16 units of their bodies. */
const pageLimit = { limit: 1_000, maxLength: 512 * 1024 };
const nowhere: StreamPosition = { epoch: "", offset: 0 };

export class Sequence {
  readonly #channel: string;
  readonly #retention: Retention;
  readonly #history: HistoryReader;
  readonly #sink: Sink;
  #state: SequenceState = "opening";
  /** Of the last publication given to the sink. */
  #tail: StreamPosition = nowhere;
  readonly #held = new Map<number, Publication>();
  /** The furthest position heard of. */
  #target: StreamPosition = nowhere;

  constructor(channel: string, retention: Retention, history: HistoryReader, sink: Sink) {
    this.#channel = channel;
    this.#retention = retention;
    this.#history = history;
    this.#sink = sink;
  }

  get state(): SequenceState {
    return this.#state;
  }

  /** From here on publications after `head` go to the sink. */
  open(head: StreamPosition): void {
    if (this.#state !== "opening") return;
    this.#tail = head;
    this.#state = "live";
    this.#applyHeld();
  }

  close(): void {
    this.#state = "closed";
    this.#held.clear();
  }

  /** In any order, some of them twice. */
  accept(publication: Publication, position: StreamPosition): void {
    if (this.#state === "live" && position.epoch === this.#tail.epoch) {
      if (position.offset <= this.#tail.offset) return;
      if (position.offset === this.#tail.offset + 1 && !this.#sink.full) {
        return this.#append(publication, position);
      }
    }
    if (this.#held.size < maxHeld) this.#held.set(position.offset, publication);
    this.#hear(position);
    if (this.#state === "live") this.#fill();
  }

  /** The log has reached this position. */
  head(position: StreamPosition): void {
    if (position.epoch === this.#tail.epoch && position.offset <= this.#tail.offset) return;
    this.#hear(position);
    if (this.#state === "live") this.#fill();
  }

  #hear(position: StreamPosition): void {
    const further = position.epoch !== this.#target.epoch || position.offset > this.#target.offset;
    if (further) this.#target = position;
  }

  #append(publication: Publication, position: StreamPosition): void {
    this.#tail = position;
    this.#sink.append(publication);
  }

  /** Takes over held publications that now follow; fills again when a hole remains. */
  #applyHeld(): void {
    while (!this.#sink.full) {
      const next = this.#held.get(this.#tail.offset + 1);
      if (next?.position?.epoch !== this.#tail.epoch) break;
      this.#append(next, next.position);
    }
    this.#held.clear();
    const { epoch, offset } = this.#target;
    const behind = epoch === this.#tail.epoch ? offset > this.#tail.offset : epoch !== "";
    if (behind) this.#fill();
  }

  #fill(): void {
    this.#state = "filling";
    this.#sink.hole();
    this.#fillUntilLevel().then(() => {
      if (this.#state !== "filling") return;
      this.#state = "live";
      // Heard of in another life of the stream, which the log has just been seen not to have.
      if (this.#target.epoch !== this.#tail.epoch) this.#target = nowhere;
      this.#applyHeld();
    });
  }

  /** Never rejects: it tries until closed. */
  async #fillUntilLevel(): Promise<void> {
    for (let attempt = 0; this.#state === "filling";) {
      try {
        await this.#sink.room();
        if (await this.#fillPage()) return;
        attempt = 0;
      } catch (error) {
        this.#sink.onError(error, "fill");
        await shortWait(Math.min(2_000, 50 * 2 ** attempt++));
      }
    }
  }

  /** True when level with the log, or with what is held. */
  async #fillPage(): Promise<boolean> {
    const since = this.#tail;
    const heard = this.#target;
    const query = { retention: this.#retention, since, ...pageLimit };
    const page = await this.#history.history(this.#channel, query);
    if (this.#state !== "filling") return true;
    if (!page.reachable) {
      this.#tail = await this.#sink.startOver(page.position);
      this.#held.clear();
      return false;
    }
    for (const publication of page.publications) {
      const { position } = publication;
      if (position?.offset === this.#tail.offset + 1) this.#append(publication, position);
    }
    if (this.#held.has(this.#tail.offset + 1)) return true;
    // What was heard of since the read began may be news to it.
    return page.position.offset <= this.#tail.offset && this.#target === heard;
  }
}
