/**
 * One `/v1/events` request on its way from the places it gave to being level with its channels.
 * Event streams and long-poll both start here, and come back when they have fallen behind.
 */
import type { Node } from "../node/node.ts";
import type { Namespace } from "../channels.ts";
import { catchUp, isLevel, levelBeyond } from "../hub/catch_up.ts";
import type { ChannelStream } from "../hub/channel_stream.ts";
import type { Chunk, Snapshot } from "../hub/snapshot.ts";
import { encodeCursor, hashOf, type Place, type Places } from "../protocol/cursor.ts";
import type { ChannelStart } from "../protocol/events.ts";
import { blaming } from "../protocol/errors.ts";
import type { Filter } from "../protocol/filter.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";
import { startAt } from "./channel_start.ts";

export interface EventRequest {
  readonly channels: readonly string[];
  readonly rules: readonly Namespace[];
  /** A place per channel, null meaning from now; null: none was given. */
  readonly from: Places | null;
  /** What is let through of every channel; null: everything. */
  readonly filter: Filter | null;
  /** Milliseconds between updates; 0: each when it comes. Not 0 only where all channels are keyed. */
  readonly everyMs: number;
}

/** A message and the cursor after it; null when it does not move the cursor. */
export interface Message {
  /** null: only the cursor moves. */
  readonly text: string | null;
  readonly cursor: string | null;
}

export type Step =
  | { readonly kind: "messages"; readonly messages: readonly Message[] }
  /** A part of a keyed channel's state. */
  | {
    readonly kind: "state";
    readonly start: ChannelStart;
    readonly chunk: Chunk;
    readonly last: boolean;
  }
  /** A channel could not be read on: its state follows, or it goes on from the head. */
  | { readonly kind: "lost"; readonly start: ChannelStart }
  /** It was level with all channels; whoever attaches makes sure by `isLevel` in the same turn. */
  | { readonly kind: "level" };

/** A snapshot that is being given, chunk after chunk. */
interface Giving {
  readonly snapshot: Snapshot;
  /** It is the rest of one that the client has in part. */
  readonly goesOn: boolean;
  next: number;
}

/** UTF-16 units of state that one turn gives. */
const turnLength = 256 * 1024;

export class EventReader {
  readonly hash: string;
  readonly streams: ChannelStream[] = [];
  readonly #node: Node;
  readonly #request: EventRequest;
  #places: (Place | null)[] = [];
  readonly #giving = new Map<number, Giving>();
  /** UTF-16 units of state that may be given before the next turn. */
  #credit = 0;

  constructor(node: Node, request: EventRequest) {
    this.#node = node;
    this.#request = request;
    this.hash = hashOf(request.channels);
  }

  /**
   * Opens the channels and finds out where each goes on from. `release` is due in any case, also
   * when this throws.
   */
  async start(): Promise<ChannelStart[]> {
    const { channels, rules, from } = this.#request;
    // Side by side: a channel may have to wait for what its listeners are to be given.
    const opened = await Promise.allSettled(
      channels.map((channel, i) => this.#node.hub.open(channel, rules[i] ?? plain)),
    );
    for (const one of opened) if (one.status === "fulfilled") this.streams.push(one.value);
    for (const [i, one] of opened.entries()) {
      if (one.status === "rejected") throw blaming(channels[i] ?? "", one.reason);
    }
    const starts: ChannelStart[] = [];
    for (const [index, stream] of this.streams.entries()) {
      starts.push(await this.#startOf(stream, index, from?.[index] ?? null));
    }
    return starts;
  }

  /** The cursor of what has been read so far. */
  get cursor(): string {
    return encodeCursor(this.hash, this.#places);
  }

  /** Publications that are still to be read, of all channels. */
  get lag(): number {
    let sum = 0;
    for (const [i, { position }] of this.streams.entries()) {
      const place = this.#places[i] ?? null;
      if (place === null || position?.epoch !== place.epoch) continue;
      sum += Math.max(0, position.offset - place.offset);
    }
    return sum;
  }

  /** Whether it misses nothing of any channel by attaching to all of them now. */
  get isLevel(): boolean {
    return !this.isGiving &&
      this.streams.every((stream, i) => isLevel(stream, this.#places[i] ?? null));
  }

  /** Whether state is to be given before anything else. */
  get isGiving(): boolean {
    return this.#giving.size > 0;
  }

  /** Goes on from other places. */
  moveTo(places: Places): void {
    this.#places = [...places];
    this.#giving.clear();
  }

  /** The next thing to tell. @param latest of keyed channels, only the latest of each key. */
  async next(limit: number, latest = false): Promise<Step> {
    for (const [index, stream] of this.streams.entries()) {
      const giving = this.#giving.get(index);
      if (giving !== undefined) return await this.#giveState(stream, index, giving);
      const since = this.#places[index] ?? null;
      if (since === null || isLevel(stream, since)) continue;
      const step = await catchUp(stream, since, limit, latest);
      if (step.kind === "page") return this.#messages(stream, index, since, step.publications);
      if (step.kind === "lost") {
        return { kind: "lost", start: this.#startAnew(stream, index, true) };
      }
    }
    // Reading one channel takes time in which another may move on.
    return this.isLevel ? { kind: "level" } : { kind: "messages", messages: [] };
  }

  release(): void {
    for (const stream of this.streams.splice(0)) this.#node.hub.release(stream);
    this.#giving.clear();
  }

  async #startOf(stream: ChannelStream, index: number, since: Place | null): Promise<ChannelStart> {
    if (since === null || stream.retention === null) return this.#startAnew(stream, index, false);
    if (since.after !== undefined) return this.#goOnGiving(stream, index, since);
    // Only whether it can be honoured: pages of all channels at once would be held for a client that
    // may never read them.
    if (since.base !== undefined && this.#request.filter !== null) await levelBeyond(stream, since);
    const step = await catchUp(stream, since, 1);
    if (step.kind === "lost") return this.#startAnew(stream, index, true);
    const { epoch = since.epoch } = stream.position ?? {};
    const position = { epoch: since.epoch === "" ? epoch : since.epoch, offset: since.offset };
    this.#places[index] = { ...since, ...position };
    return startAt(stream, position, true);
  }

  /** From the head; a keyed channel from its state. */
  #startAnew(stream: ChannelStream, index: number, lost: boolean): ChannelStart {
    const { state, position } = stream;
    const recovered = lost ? false : undefined;
    if (state === null || position === null) {
      this.#places[index] = position;
      return startAt(stream, position, recovered);
    }
    const snapshot = state.snapshot(position);
    this.#places[index] = null;
    this.#giving.set(index, { snapshot, goesOn: false, next: 0 });
    return startAt(stream, snapshot.position, recovered);
  }

  #goOnGiving(stream: ChannelStream, index: number, { after, ...place }: Place): ChannelStart {
    const { state, position } = stream;
    const known = position?.epoch === place.epoch && place.offset <= position.offset;
    if (state === null || after === undefined || !known) {
      return this.#startAnew(stream, index, true);
    }
    this.#giving.set(index, { snapshot: state.rest(place, after), goesOn: true, next: 0 });
    this.#places[index] = { ...place, after };
    return startAt(stream, place, true);
  }

  async #giveState(stream: ChannelStream, index: number, giving: Giving): Promise<Step> {
    const { snapshot, goesOn } = giving;
    const { position } = snapshot;
    const chunk = snapshot.events[giving.next++];
    if (chunk === undefined) throw new Error("a snapshot has a chunk at least");
    await this.#turnFor(chunk.length);
    const last = giving.next >= snapshot.events.length;
    if (last) this.#giving.delete(index);
    const entry = chunk.entries.at(-1);
    const after = { score: entry?.score ?? 0, key: entry?.key ?? "" };
    this.#places[index] = last ? position : { ...position, after };
    const start = startAt(stream, position, goesOn || undefined);
    return { kind: "state", start, chunk, last };
  }

  /** A turn is asked for once for several chunks: what is written together costs one write. */
  async #turnFor(length: number): Promise<void> {
    this.#credit -= length;
    if (this.#credit > 0) return;
    this.#credit = turnLength;
    await this.#node.hub.turns.take(() => turnLength);
  }

  /** How a position within a page is noted: with a filter it counts what the client knows of keys. */
  #placing(
    stream: ChannelStream,
    since: Place,
    publications: readonly Publication[],
  ): (position: StreamPosition) => Place {
    const last = publications.at(-1)?.position?.offset ?? since.offset;
    const all = last - since.offset === publications.length && since.base === undefined;
    if (this.#request.filter === null || stream.state === null || all) return (place) => place;
    const { base = since.offset } = since;
    const level = stream.position?.offset;
    return (place) => place.offset === level ? place : { ...place, base };
  }

  #messages(
    stream: ChannelStream,
    index: number,
    since: Place,
    publications: readonly Publication[],
  ): Step {
    const { channels, filter } = this.#request;
    const head = `{"channel":${JSON.stringify(channels[index])},"pub":`;
    const messages: Message[] = [];
    const { base = since.offset } = since;
    const through = filter === null ? publications : stream.filtered(publications, base, filter);
    const placeAt = this.#placing(stream, since, publications);
    for (const { body, position } of through) {
      this.#places[index] = position && placeAt(position);
      messages.push({ text: `${head}${body}}`, cursor: position && this.cursor });
    }
    if (through.length < publications.length) {
      const last = publications.at(-1)?.position ?? null;
      this.#places[index] = last && placeAt(last);
      messages.push({ text: null, cursor: this.cursor });
    }
    return { kind: "messages", messages };
  }
}

const plain = { history: null, keyed: null };
