/**
 * The whole state of a keyed channel at one position, cut into chunks. Whoever subscribes at about
 * the same time shares it, and with it each wire form, which is encoded when first asked for.
 */
import type { Filter } from "../protocol/filter.ts";
import { stateBlock } from "../protocol/events.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";

/** What one chunk holds at most, of entries and of UTF-16 units of their bodies; one entry always fits. */
const chunkLimit = { entries: 100, length: 64 * 1024 };
const encoder = new TextEncoder();

export class Chunk {
  readonly entries: readonly Publication[];
  readonly #channel: string;
  #bodies: string | undefined;
  #block: Uint8Array | undefined;

  constructor(channel: string, entries: readonly Publication[]) {
    this.#channel = channel;
    this.entries = entries;
  }

  /** The items of a JSON list, without its brackets. */
  get bodies(): string {
    return this.#bodies ??= this.entries.map(({ body }) => body).join(",");
  }

  /** The same of those that a filter lets through; made anew for each who asks. */
  filtered(filter: Filter): string {
    const through = this.entries.filter(({ tags }) => filter.matches(tags));
    return through.map(({ body }) => body).join(",");
  }

  /** An event of `/v1/events` that more state follows. */
  get block(): Uint8Array {
    return this.#block ??= encoder.encode(stateBlock(this.#channel, this.bodies, null));
  }
}

export class Snapshot {
  readonly channel: string;
  readonly position: StreamPosition;
  /** At least one, which is empty when there is no key. */
  readonly chunks: readonly Chunk[];

  /** @param entries sorted as subscribers are to get them. */
  constructor(channel: string, position: StreamPosition, entries: readonly Publication[]) {
    this.channel = channel;
    this.position = position;
    this.chunks = cut(entries).map((some) => new Chunk(channel, some));
  }
}

function cut(entries: readonly Publication[]): (readonly Publication[])[] {
  const chunks: Publication[][] = [];
  let chunk: Publication[] = [];
  let length = 0;
  for (const entry of entries) {
    length += entry.body.length;
    if (chunk.length >= chunkLimit.entries || (length > chunkLimit.length && chunk.length > 0)) {
      chunks.push(chunk);
      chunk = [];
      length = entry.body.length;
    }
    chunk.push(entry);
  }
  return [...chunks, chunk];
}
