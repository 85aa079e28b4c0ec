import type { Keyed, Retention } from "../channels.ts";
import {
  type Draft,
  type Publication,
  publicationOf,
  type StreamPosition,
} from "../protocol/publication.ts";
import {
  fitting,
  type HistoryPage,
  type HistoryQuery,
  type KeyCondition,
  newEpoch,
  type Published,
  type PublishOptions,
  sameEpoch,
  type StatePage,
  type StateQuery,
} from "./broker.ts";
import {
  emptyFill,
  type Entry,
  entryAfter,
  type Fill,
  fillAfter,
  inheritTags,
  isExpired,
  suppressedBy,
} from "./key_rules.ts";
import { statePage } from "./state_page.ts";

/** A stream nobody has touched for this many times its age limit is forgotten, epoch and all. */
const forgetAfterTtls = 10;
/** Anybody who may subscribe can begin a stream: one that nobody has published to goes sooner. */
const unusedMs = 10 * 60_000;

interface Latest {
  readonly publication: Publication;
  readonly entry: Entry;
}

/** One life of a channel's stream, with the state it led to. */
export class MemoryStream {
  readonly #channel: string;
  readonly #epoch = newEpoch();
  #offset = 0;
  /** Kept publications in offset order. */
  #kept: Publication[] = [];
  #retention: Retention;
  #touched = 0;
  /** By key; last changed, last in the map. */
  readonly #state = new Map<string, Latest>();
  #fill: Fill = emptyFill;
  #keyed: Keyed | undefined;

  readonly #onAppended: (publication: Publication) => void;

  constructor(
    channel: string,
    retention: Retention,
    onAppended: (publication: Publication) => void,
  ) {
    this.#channel = channel;
    this.#retention = retention;
    this.#onAppended = onAppended;
  }

  get position(): StreamPosition {
    return { epoch: this.#epoch, offset: this.#offset };
  }

  get retention(): Retention {
    return this.#retention;
  }

  touch(retention: Retention, now: number): void {
    this.#retention = retention;
    this.#touched = now;
  }

  /** @throws ProtocolError 106 for more than the state may hold. */
  publish(draft: Draft, { keyed, condition = {} }: PublishOptions, now: number): Published {
    if (keyed === undefined || draft.key === undefined) {
      return this.#append(publicationOf(this.#channel, draft, this.#next(), now));
    }
    this.#keyed = keyed;
    const before = this.#state.get(draft.key)?.entry ?? null;
    const suppressed = suppressedBy(draft, condition, before, keyed, now);
    if (suppressed !== null) return { position: this.position, suppressed };
    if (before === null && this.#fill.keys >= keyed.maxKeys) this.#removeExpired(keyed, now);
    return this.#change(draft.key, inheritTags(draft, before), condition, keyed, now);
  }

  history(query: HistoryQuery, now: number): HistoryPage {
    this.#trim(now);
    const { since, reverse } = query;
    let found = this.#kept;
    if (since !== undefined) {
      found = !sameEpoch(since.epoch, this.#epoch)
        ? []
        : found.filter((one) =>
          reverse ? offsetOf(one) < since.offset : offsetOf(one) > since.offset
        );
    }
    const ordered = reverse ? found.toReversed() : found;
    return {
      publications: fitting(ordered.slice(0, query.limit), query.maxLength),
      position: this.position,
      reachable: since === undefined || this.#isReachable(since),
    };
  }

  /** @throws ProtocolError 107 for a cursor that is none, 112 for one of another life. */
  page(query: StateQuery, now: number): StatePage {
    const one = query.key === undefined ? undefined : this.#state.get(query.key);
    const latest = query.key === undefined ? this.#state.values() : one === undefined ? [] : [one];
    const publications = Array.from(latest, ({ publication }) => publication);
    return statePage(publications, query, this.position, this.#fill.keys, now);
  }

  /** Whether nobody has used it for so long that its next use may begin anew. */
  isForgettable(now: number): boolean {
    const idleMs = now - this.#touched;
    if (this.#offset === 0 && idleMs > unusedMs) return true;
    const lifetimeMs = this.#retention.ttlMs * forgetAfterTtls;
    if (this.#state.size === 0) return idleMs > lifetimeMs;
    const keyMs = this.#keyed?.ttlMs ?? null;
    return keyMs !== null && idleMs > keyMs + lifetimeMs;
  }

  #change(
    key: string,
    draft: Draft,
    condition: KeyCondition,
    keyed: Keyed,
    now: number,
  ): Published {
    const before = this.#state.get(key)?.entry ?? null;
    const publication = publicationOf(this.#channel, draft, this.#next(), now);
    const entry = entryAfter(publication, condition, before);
    this.#fill = fillAfter(this.#fill, before, entry, keyed);
    this.#state.delete(key);
    if (entry !== null) this.#state.set(key, { publication, entry });
    return this.#append(publication);
  }

  /** A full channel may hold what nobody has removed yet, since nobody listened. */
  #removeExpired(keyed: Keyed, now: number): void {
    for (const [key, { entry }] of this.#state) {
      if (!isExpired(entry, keyed, now)) return;
      const removal: Draft = { data: "null", key, removed: true };
      this.#change(key, inheritTags(removal, entry), {}, keyed, now);
    }
  }

  #next(): StreamPosition {
    return { epoch: this.#epoch, offset: this.#offset + 1 };
  }

  #append(publication: Publication): Published {
    this.#offset++;
    this.#kept.push(publication);
    // Cutting the array at each append would cost its length; let it grow by half first.
    if (this.#kept.length > this.#retention.size * 1.5 + 16) this.#trim(publication.time);
    this.#onAppended(publication);
    return { position: publication.position, suppressed: null };
  }

  #trim(now: number): void {
    const oldest = now - this.#retention.ttlMs;
    let first = Math.max(0, this.#kept.length - this.#retention.size);
    while (first < this.#kept.length && (this.#kept[first]?.time ?? 0) < oldest) first++;
    if (first > 0) this.#kept = this.#kept.slice(first);
  }

  #isReachable(since: StreamPosition): boolean {
    if (!sameEpoch(since.epoch, this.#epoch) || since.offset > this.#offset) return false;
    const [first] = this.#kept;
    return since.offset === this.#offset ||
      (first !== undefined && offsetOf(first) <= since.offset + 1);
  }
}

function offsetOf(publication: Publication): number {
  return publication.position?.offset ?? 0;
}
