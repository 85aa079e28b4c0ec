/**
 * All `/v1/events` requests of one isolate that listen to the same channels and are level with
 * them. An event's cursor covers all channels of the request, so they share every encoded byte.
 */
import type { Batch } from "../hub/batch.ts";
import type { ChannelStream } from "../hub/channel_stream.ts";
import type { Subscriber } from "../hub/subscriber.ts";
import { encodeCursor } from "../protocol/cursor.ts";
import { encodeLongPoll, messageBlock, signalBlock, subscribedBlock } from "../protocol/events.ts";
import { type Disconnect, disconnects } from "../protocol/disconnects.ts";
import type { Signal, StreamPosition } from "../protocol/publication.ts";

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
  /** For event streams. */
  readonly #block: () => string;
  /** For waiting requests; null where it is nothing to wake them for. */
  readonly answer: (() => string) | null;
  #bytes: Uint8Array | undefined;

  constructor(block: () => string, answer: (() => string) | null) {
    this.#block = block;
    let text: string | undefined;
    this.answer = answer && (() => text ??= answer());
  }

  get bytes(): Uint8Array {
    return this.#bytes ??= encoder.encode(this.#block());
  }
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
  readonly #joinLeave: boolean;
  readonly #members = new Set<GroupMember>();
  #positions: (StreamPosition | null)[] = [];
  #sample: GroupMember[] = [];

  /** @param hash names the list of channels in cursors. */
  constructor(streams: readonly ChannelStream[], hash: string, joinLeave: boolean) {
    this.#streams = streams;
    this.#hash = hash;
    this.#joinLeave = joinLeave;
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

  deliver(batch: Batch): void {
    const index = this.#indexOf(batch.channel);
    const before = this.#positions;
    this.#positions = before.with(index, batch.position ?? before[index] ?? null);
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
    this.#tell(new GroupNews(block, answer));
  }

  reset(channel: string, position: StreamPosition): void {
    this.#positions[this.#indexOf(channel)] = position;
    const cursor = this.cursor;
    const starts = [{ channel, position, recovered: false }];
    this.#tell(
      new GroupNews(
        () => subscribedBlock(starts, cursor, Date.now()),
        () => encodeLongPoll({ cursor, time: Date.now(), starts, messages: [] }),
      ),
    );
  }

  signal(channel: string, signal: Signal): void {
    if (this.#joinLeave) this.#tell(new GroupNews(() => signalBlock(channel, signal), null));
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

  /** Adds a member that is level with all streams; returns how it leaves. */
  join(
    member: GroupMember,
    streams: readonly ChannelStream[],
    hash: string,
    joinLeave: boolean,
  ): () => void {
    const key = `${joinLeave} ${streams.map(({ id }) => id).join(" ")}`;
    const group = this.#groups.get(key) ?? new EventGroup(streams, hash, joinLeave);
    this.#groups.set(key, group);
    group.add(member);
    return () => {
      group.remove(member);
      if (group.size === 0 && this.#groups.get(key) === group) this.#groups.delete(key);
    };
  }
}
