/**
 * All `/v1/events` requests of one isolate that listen to the same channels and are level with
 * them. An event's cursor covers all channels of the request, so they share every encoded byte.
 */
import type { Batch } from "../hub/batch.ts";
import type { ChannelStream } from "../hub/channel_stream.ts";
import type { Subscriber } from "../hub/subscriber.ts";
import { encodeCursor, type Places } from "../protocol/cursor.ts";
import type { Filter } from "../protocol/filter.ts";
import { encodeLongPoll, messageBlock, signalBlock, subscribedBlock } from "../protocol/events.ts";
import { type Disconnect, disconnects } from "../protocol/disconnects.ts";
import type { Signal, StreamPosition } from "../protocol/publication.ts";
import { startAt } from "./channel_start.ts";

const encoder = new TextEncoder();
const sampleSize = 8;

/** The most that one long-poll answer carries; one message always fits. */
export const answerLimit = {
  messages: 1_000,
  /** UTF-16 units of all messages. */
  length: 512 * 1024,
};

/** What happened on the group's channels, in both forms, each encoded when first asked for. */
export class GroupNews {
  /** What the members had been served up to. */
  readonly before: Places;
  /** A keyed channel starts over: each member has to be given its state. */
  readonly stateLost: boolean;
  /** For waiting requests; null where it is nothing to wake them for. */
  readonly answer: (() => string) | null;
  /** For event streams. */
  readonly #block: () => string;
  #bytes: Uint8Array | undefined;

  constructor(
    before: Places,
    block: () => string,
    answer: (() => string) | null,
    stateLost = false,
  ) {
    this.before = before;
    this.stateLost = stateLost;
    this.#block = block;
    let text: string | undefined;
    this.answer = answer && (() => text ??= answer());
  }

  get bytes(): Uint8Array {
    return this.#bytes ??= encoder.encode(this.#block());
  }
}

/** What the members of a group have in common, besides their channels. */
export interface GroupOptions {
  readonly joinLeave: boolean;
  readonly filter: Filter | null;
}

export interface GroupMember {
  /** Returns at once; one that throws is closed. */
  take(news: GroupNews): void;
  close(disconnect: Disconnect): void;
  readonly backlog: number;
}

export class EventGroup implements Subscriber {
  readonly #streams: readonly ChannelStream[];
  readonly #hash: string;
  readonly #options: GroupOptions;
  readonly #members = new Set<GroupMember>();
  #positions: (StreamPosition | null)[] = [];
  #sample: GroupMember[] = [];

  /** @param hash names the list of channels in cursors. */
  constructor(streams: readonly ChannelStream[], hash: string, options: GroupOptions) {
    this.#streams = streams;
    this.#hash = hash;
    this.#options = options;
  }

  get size(): number {
    return this.#members.size;
  }

  /** The positions up to which every member has been served. */
  get cursor(): string {
    return encodeCursor(this.#hash, this.#positions);
  }

  /** The member is level with every stream of the group in this very turn. */
  add(member: GroupMember): void {
    if (this.#members.size === 0) {
      this.#positions = this.#streams.map(({ position }) => position);
      for (const stream of this.#streams) stream.subscribers.add(this);
    }
    this.#members.add(member);
  }

  remove(member: GroupMember): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    for (const stream of this.#streams) stream.subscribers.delete(this);
  }

  get backlog(): number {
    // Some members, others each time, stand for all; the pacer asks often.
    let waiting = 0;
    for (const { backlog } of this.#sample) if (backlog > 0) waiting++;
    return waiting * 4 <= this.#sample.length ? 0 : waiting;
  }

  deliver(whole: Batch): void {
    const index = this.#indexOf(whole.channel);
    const before = this.#positions;
    this.#positions = before.with(index, whole.position ?? before[index] ?? null);
    const { filter } = this.#options;
    const batch = filter === null ? whole : whole.filtered(filter);
    if (batch.publications.length === 0) return;
    const cursorAt = (position: StreamPosition | null) =>
      encodeCursor(this.#hash, before.with(index, position ?? before[index] ?? null));
    const block = () => {
      const blocks = batch.messages.map((message, i) => {
        const position = batch.publications[i]?.position ?? null;
        return messageBlock(message, position && cursorAt(position));
      });
      return blocks.join("");
    };
    const answer = () => {
      const messages = cut(batch.messages);
      const sent = batch.publications.slice(0, messages.length);
      const last = sent.findLast(({ position }) => position !== null)?.position ?? null;
      return encodeLongPoll({ cursor: cursorAt(last), time: Date.now(), starts: [], messages });
    };
    this.#tell(new GroupNews(before, block, answer));
  }

  reset(channel: string, position: StreamPosition): void {
    const index = this.#indexOf(channel);
    const before = this.#positions;
    this.#positions = before.with(index, position);
    const stream = this.#streams[index];
    if (stream === undefined) return;
    const stateLost = stream.state !== null;
    const cursor = this.cursor;
    const starts = [startAt(stream, position, false)];
    this.#tell(
      new GroupNews(
        before,
        () => subscribedBlock(starts, cursor, Date.now()),
        () => encodeLongPoll({ cursor, time: Date.now(), starts, messages: [] }),
        stateLost,
      ),
    );
  }

  signal(channel: string, signal: Signal): void {
    if (!this.#options.joinLeave) return;
    this.#tell(new GroupNews(this.#positions, () => signalBlock(channel, signal), null));
  }

  #tell(news: GroupNews): void {
    const stride = Math.max(1, Math.floor(this.#members.size / sampleSize));
    let untilSampled = Math.floor(Math.random() * stride);
    this.#sample = [];
    for (const member of this.#members) {
      this.#handOver(member, news);
      if (untilSampled-- > 0) continue;
      untilSampled = stride - 1;
      this.#sample.push(member);
    }
  }

  /** Whoever cannot take it must come again: it alone would have a hole. */
  #handOver(member: GroupMember, news: GroupNews): void {
    try {
      member.take(news);
    } catch {
      this.remove(member);
      member.close(disconnects.serverError);
    }
  }

  #indexOf(channel: string): number {
    return this.#streams.findIndex((stream) => stream.channel === channel);
  }
}

/** A member's tie to its group. */
export interface Membership {
  leave(): void;
  /** Up to where it has been served. */
  cursor(): string;
}

/** What of the messages goes into one answer. */
function cut(messages: readonly string[]): readonly string[] {
  let length = 0;
  for (const [i, message] of messages.entries()) {
    length += message.length;
    if (i >= answerLimit.messages || (i > 0 && length > answerLimit.length)) {
      return messages.slice(0, i);
    }
  }
  return messages;
}

/** The groups of an isolate. Streams are the hub's, one per channel, so a group is found by them. */
export class EventGroups {
  readonly #groups = new Map<string, EventGroup>();

  /** Adds a member that is level with all streams. */
  join(
    member: GroupMember,
    streams: readonly ChannelStream[],
    hash: string,
    options: GroupOptions,
  ): Membership {
    const ids = streams.map(({ id }) => id).join(" ");
    const key = `${options.joinLeave} ${ids} ${options.filter?.text ?? ""}`;
    const group = this.#groups.get(key) ?? new EventGroup(streams, hash, options);
    this.#groups.set(key, group);
    group.add(member);
    const leave = () => {
      group.remove(member);
      if (group.size === 0 && this.#groups.get(key) === group) this.#groups.delete(key);
    };
    return { leave, cursor: () => group.cursor };
  }
}
