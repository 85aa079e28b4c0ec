/**
 * The whole state of a keyed channel at one position, cut into chunks. Whoever subscribes at about
 * the same time shares it, and with it each wire form, which is encoded when first asked for.
 */
import type { Filter } from "../protocol/filter.ts";
import { stateBlock } from "../protocol/events.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";

/** What a chunk holds at most, of entries and of UTF-16 units of their bodies; one entry always fits. */
interface ChunkLimit {
  readonly entries: number;
  readonly length: number;
}

/** As few entries as a WebSocket client may ask for. */
const pageLimit: ChunkLimit = { entries: 100, length: 64 * 1024 };
/** The larger, the fewer writes. */
const eventLimit: ChunkLimit = { entries: 1_000, length: 64 * 1024 };
const encoder = new TextEncoder();

export class Chunk {
  readonly entries: readonly Publication[];
  /** UTF-16 units of the entries' bodies. */
  readonly length: number;
  readonly #channel: string;
  #shared = true;
  #bodies: string | undefined;
  #block: Uint8Array | undefined;

  constructor(channel: string, entries: readonly Publication[], length: number) {
    this.#channel = channel;
    this.entries = entries;
    this.length = length;
  }

  /** The items of a JSON list, without its brackets. */
  get bodies(): string {
    if (this.#bodies !== undefined) return this.#bodies;
    const bodies = listOf(this.entries);
    if (this.#shared) this.#bodies = bodies;
    return bodies;
  }

  /** The same of those that a filter lets through; made anew for each who asks. */
  filtered(filter: Filter): string {
    return listOf(this.entries.filter(({ tags }) => filter.matches(tags)));
  }

  /** An event of `/v1/events` that more state follows. */
  get block(): Uint8Array {
    if (this.#block !== undefined) return this.#block;
    const block = encoder.encode(stateBlock(this.#channel, listOf(this.entries), null));
    if (this.#shared) this.#block = block;
    return block;
  }

  /** What it encodes is encoded anew for each who asks from now on. */
  unshare(): void {
    this.#shared = false;
    this.#bodies = undefined;
    this.#block = undefined;
  }
}

export class Snapshot {
  readonly channel: string;
  readonly position: StreamPosition;
  /** Of which the pages of a WebSocket are made; at least one, which is empty when there is no key. */
  readonly chunks: readonly Chunk[];
  /** The same state as the events of `/v1/events` have it. */
  readonly events: readonly Chunk[];

  /** @param entries sorted as subscribers are to get them. */
  constructor(channel: string, position: StreamPosition, entries: readonly Publication[]) {
    this.channel = channel;
    this.position = position;
    this.chunks = cut(channel, entries, pageLimit);
    this.events = cut(channel, entries, eventLimit);
  }

  /** Its last readers may be slow: they are not to hold all that was encoded for the others. */
  unshare(): void {
    for (const chunk of [...this.chunks, ...this.events]) chunk.unshare();
  }
}

function listOf(entries: readonly Publication[]): string {
  return entries.map(({ body }) => body).join(",");
}

function cut(channel: string, entries: readonly Publication[], limit: ChunkLimit): Chunk[] {
  const chunks: Chunk[] = [];
  let some: Publication[] = [];
  let length = 0;
  for (const entry of entries) {
    const size = entry.body.length;
    const full = some.length >= limit.entries || length + size > limit.length;
    if (full && some.length > 0) {
      chunks.push(new Chunk(channel, some, length));
      some = [];
      length = 0;
    }
    some.push(entry);
    length += size;
  }
  return [...chunks, new Chunk(channel, some, length)];
}
