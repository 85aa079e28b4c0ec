/**
 * What a commit does to one channel: appends are numbered after its head and judged by its state,
 * one after the other, then written with the check that nobody else has moved it.
 */
import {
  type Publication,
  publicationOf,
  type StreamPosition,
} from "../../protocol/publication.ts";
import type { Published } from "../broker.ts";
import { entryAfter, type Fill, fillAfter, inheritTags, suppressedBy } from "../key_rules.ts";
import { type Append, type Moved, stateKey } from "./append.ts";
import { entryLifetimeMs, type Head, setHead, untilOf } from "./head.ts";
import { keys } from "./keys.ts";
import type { Known } from "./known.ts";
import type { Cost, Room } from "./room.ts";
import { rowBytes, toRows } from "./segment.ts";
import { type StoredEntry, toStateRow } from "./state_row.ts";

/** A key's latest in this commit. */
interface Change {
  readonly values: readonly Uint8Array[];
  readonly entry: StoredEntry | null;
  readonly expireIn: number | undefined;
}

export class ChannelPlan {
  readonly #channel: string;
  readonly #known: Known;
  readonly #time: number;
  readonly #once = new Map<string, StreamPosition>();
  readonly #changes = new Map<string, Change>();
  readonly #added: Publication[] = [];
  #fill: Fill;
  #last: Append | undefined;

  constructor(channel: string, known: Known, time: number) {
    this.#channel = channel;
    this.#known = known;
    this.#time = time;
    this.#fill = known.head.fill;
  }

  get added(): readonly Publication[] {
    return this.#added;
  }

  get position(): StreamPosition {
    const { epoch, offset } = this.#known.head.position;
    return { epoch, offset: offset + this.#added.length };
  }

  /** Where the commit leads the channel; undefined: it changes nothing. */
  get moved(): Moved | undefined {
    if (this.#last === undefined) return undefined;
    const { retention, keyed } = this.#last;
    const { position, until } = this.#after;
    return { channel: this.#channel, position, until, retention, ...(keyed && { keyed }) };
  }

  /** Takes room for one more in the commit, if there is. @param bytes its size. */
  fits(append: Append, bytes: number, room: Room): boolean {
    const channelKey = 48 + this.#channel.length * 3;
    const key = stateKey(append);
    const costs: Cost[] = [];
    const cost = (mutations: number, keyLength = 0) =>
      costs.push({ mutations, keyBytes: mutations * (channelKey + keyLength * 3) });
    // Two rows that follow one another have more than 20,000 characters (segment.ts).
    cost(bytes / 10_000 + (this.#added.length === 0 ? 2 : 0));
    if (append.idempotency !== undefined) cost(1, append.idempotency.key.length);
    if (key !== undefined) {
      const parts = Math.ceil(bytes / rowBytes);
      cost(Math.max(parts, this.#known.entries.get(key)?.parts ?? 0), key.length);
    }
    return room.take(...costs);
  }

  /**
   * What becomes of the append once this is committed. The keys of all that are taken must be known.
   * @throws ProtocolError 106; it holds once this is committed, too.
   */
  take(append: Append): Published {
    const { idempotency, draft } = append;
    const repeated = idempotency && this.#once.get(idempotency.key);
    if (repeated !== undefined) return { position: repeated, suppressed: "idempotency" };
    const position = { ...this.position, offset: this.position.offset + 1 };
    const key = stateKey(append);
    if (key === undefined) {
      this.#added.push(publicationOf(this.#channel, draft, position, this.#time));
    } else {
      const suppressed = this.#takeKeyed(append, key, position);
      if (suppressed !== null) return { position: this.position, suppressed };
    }
    this.#last = append;
    if (idempotency !== undefined) this.#once.set(idempotency.key, position);
    return { position, suppressed: null };
  }

  /** Into a commit that fails if the head has moved. */
  write(atomic: Deno.AtomicOperation): void {
    const { head, entries } = this.#known;
    if (this.#last === undefined) {
      atomic.check({ key: keys.head(this.#channel), versionstamp: head.versionstamp });
      return;
    }
    setHead(atomic, this.#channel, head, this.#after, this.#last.retention, this.#time);
    const { epoch } = head.position;
    const expireIn = this.#last.retention.ttlMs;
    for (const row of toRows(this.#added, this.#time)) {
      atomic.set(keys.row(this.#channel, epoch, row), row.bytes, { expireIn });
    }
    for (const [key, { values, expireIn }] of this.#changes) {
      const rowKey = (part: number) => keys.entry(this.#channel, epoch, key, part);
      for (const [part, bytes] of values.entries()) {
        atomic.set(rowKey(part), bytes, expireIn === undefined ? {} : { expireIn });
      }
      const before = entries.get(key)?.parts ?? 0;
      for (let part = values.length; part < before; part++) atomic.delete(rowKey(part));
    }
  }

  /** What is known of the channel after the commit. */
  committed(versionstamp: string): Known {
    const { head, entries } = this.#known;
    for (const [key, { entry }] of this.#changes) entries.set(key, entry);
    return { head: this.#last === undefined ? head : { ...this.#after, versionstamp }, entries };
  }

  get #after(): Omit<Head, "versionstamp"> {
    return { position: this.position, fill: this.#fill, until: this.#until };
  }

  /** The life ends with that of the oldest entry, of which all that is known is what was said. */
  get #until(): number | null {
    const { fill, until } = this.#known.head;
    if (this.#last?.keyed === undefined) return until;
    const { retention, keyed } = this.#last;
    const own = untilOf(this.#time, retention, keyed);
    return own === null || until === null || fill.keys === 0 ? own : Math.min(until, own);
  }

  #takeKeyed(append: Append, key: string, position: StreamPosition) {
    const { keyed, condition = {}, retention } = append;
    if (keyed === undefined) return null;
    const change = this.#changes.get(key);
    const before = change === undefined ? this.#known.entries.get(key) : change.entry;
    if (before === undefined) throw new Error(`Cannot judge key "${key}": it was not read`);
    const suppressed = suppressedBy(append.draft, condition, before, keyed, this.#time);
    if (suppressed !== null) return suppressed;
    const draft = inheritTags(append.draft, before);
    const publication = publicationOf(this.#channel, draft, position, this.#time);
    const after = entryAfter(publication, condition, before);
    this.#fill = fillAfter(this.#fill, before, after, keyed);
    this.#added.push(publication);
    const values = after === null ? [] : toStateRow(publication, after);
    this.#changes.set(key, {
      values,
      entry: after && { ...after, parts: values.length },
      expireIn: entryLifetimeMs(retention, keyed),
    });
    return null;
  }
}
