/** One long-poll request: answered at once when there is something to say, else when there is. */
import type { Identity } from "../auth/identity.ts";
import type { Node } from "../node/node.ts";
import type { Disconnect } from "../protocol/disconnects.ts";
import { type ChannelStart, encodeLongPoll, type StatePart } from "../protocol/events.ts";
import {
  answerLimit,
  type EventGroups,
  type GroupMember,
  type GroupNews,
  type Membership,
} from "./event_group.ts";
import { EventReader, type EventRequest, type Step } from "./event_reader.ts";
import type { PollAttendances } from "./poll_attendance.ts";
import type { Connected } from "../node/sessions.ts";

export interface LongPollOptions {
  readonly node: Node;
  readonly groups: EventGroups;
  /** Absent: the client is in nobody's presence. */
  readonly attendances?: PollAttendances;
  readonly request: EventRequest;
  readonly identity: Identity;
  readonly waitMs: number;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

/** The answer's JSON text. @throws what opening the channels throws. */
export async function longPoll(options: LongPollOptions): Promise<string> {
  const { node, request, waitMs, signal } = options;
  const reader = new EventReader(node, request);
  const until = performance.now() + waitMs;
  let leave = () => {};
  try {
    const all = await reader.start();
    leave = options.attendances?.enter(options.identity, request) ?? leave;
    // Positions that were honoured need no telling, nor channels that have none.
    const starts = request.from === null
      ? all
      : all.filter(({ position, recovered }) => position !== null && recovered !== true);
    if (starts.length === 0 && !signal.aborted && isTooSoon(reader, options)) {
      const answer = await new Waiter(options, reader, waitMs).answer;
      if (answer !== null) return answer;
    }
    let collected = await new Collection(reader, request, starts).fill();
    while (request.from !== null && collected.isSilent && !signal.aborted) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) break;
      if (reader.isLevel) {
        const answer = await new Waiter(options, reader, leftMs).answer;
        if (answer !== null) return answer;
      }
      collected = await new Collection(reader, request, []).fill();
    }
    return collected.encode();
  } finally {
    leave();
    reader.release();
    node.sessions.dismiss();
  }
}

/** Whether there are changes, and the client wanted them less often than it asks. */
function isTooSoon(reader: EventReader, { request, waitMs }: LongPollOptions): boolean {
  const gathers = request.everyMs > 0 && request.from !== null && waitMs > 0;
  return gathers && !reader.isGiving && !reader.isLevel;
}

/** What goes into an answer at once. */
class Collection {
  readonly #reader: EventReader;
  readonly #request: EventRequest;
  readonly #starts: ChannelStart[];
  readonly #states = new Map<string, StatePart>();
  readonly #messages: string[] = [];
  #length = 0;
  #cursor: string;

  constructor(reader: EventReader, request: EventRequest, starts: readonly ChannelStart[]) {
    this.#reader = reader;
    this.#request = request;
    this.#starts = [...starts];
    this.#cursor = reader.cursor;
  }

  get isSilent(): boolean {
    return this.#starts.length === 0 && this.#messages.length === 0;
  }

  /** As much as one answer carries. */
  async fill(): Promise<this> {
    while (!this.#isFull) {
      const room = answerLimit.messages - this.#messages.length;
      const step = await this.#reader.next(room, this.#request.everyMs > 0);
      if (step.kind === "level") return this;
      if (step.kind === "lost") {
        // Behind what was read before it was lost, the next request is told.
        if (!this.isSilent) return this;
        this.#starts.push(step.start);
        this.#cursor = this.#reader.cursor;
      } else if (step.kind === "state") this.#addState(step);
      else if (!this.#addMessages(step)) return this;
    }
    return this;
  }

  encode(): string {
    return encodeLongPoll({
      cursor: this.#cursor,
      time: Date.now(),
      starts: this.#starts,
      states: this.#states,
      messages: this.#messages,
    });
  }

  get #isFull(): boolean {
    return this.#messages.length >= answerLimit.messages || this.#length >= answerLimit.length;
  }

  #addState({ start, chunk, last }: Extract<Step, { kind: "state" }>): void {
    const { filter } = this.#request;
    const { channel } = start;
    const bodies = filter === null ? chunk.bodies : chunk.filtered(filter);
    const before = this.#states.get(channel)?.bodies ?? "";
    const joined = before === "" || bodies === "" ? before + bodies : `${before},${bodies}`;
    this.#states.set(channel, { bodies: joined, more: !last });
    if (!this.#starts.some((one) => one.channel === channel)) this.#starts.push(start);
    this.#length += bodies.length;
    this.#cursor = this.#reader.cursor;
  }

  /** False when some did not fit. */
  #addMessages({ messages }: Extract<Step, { kind: "messages" }>): boolean {
    for (const { text, cursor } of messages) {
      this.#length += text?.length ?? 0;
      if (this.#length > answerLimit.length && !this.isSilent) return false;
      if (text !== null) this.#messages.push(text);
      this.#cursor = cursor ?? this.#cursor;
    }
    return true;
  }
}

/**
 * Waits for the first thing to happen, level with its channels, or for the time of the next update.
 *
 *     listening ──changes, less often──▶ pausing ──▶ answered
 *         └──────────changes or time──────────────────┘
 */
class Waiter implements Connected, GroupMember {
  readonly id = crypto.randomUUID();
  readonly since = Date.now();
  readonly transport = "long_poll";
  readonly user: string;
  readonly backlog = 0;
  /** null: there is something, to be read from where the reader is. */
  readonly answer: Promise<string | null>;
  readonly #options: LongPollOptions;
  readonly #reader: EventReader;
  readonly #until: number;
  /** undefined while it pauses: it goes on from where the reader is. */
  #group: Membership | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #finish: (answer: string | null) => void;

  constructor(options: LongPollOptions, reader: EventReader, waitMs: number) {
    const { node, groups, identity, request, signal } = options;
    this.user = identity.user;
    this.#options = options;
    this.#reader = reader;
    const { promise, resolve } = Promise.withResolvers<string | null>();
    this.answer = promise;
    this.#until = performance.now() + waitMs;
    const giveUp = () => this.#giveUp();
    this.#finish = (answer) => {
      clearTimeout(this.#timer);
      signal.removeEventListener("abort", giveUp);
      this.#group?.leave();
      node.sessions.remove(this);
      resolve(answer);
    };
    signal.addEventListener("abort", giveUp);
    if (reader.isLevel) {
      const shared = { joinLeave: false, filter: request.filter };
      this.#group = groups.join(this, [...reader.streams], reader.hash, shared);
      this.#timer = setTimeout(giveUp, waitMs);
    } else this.#pause();
    node.sessions.add(this);
  }

  get lag(): number {
    return this.#group === undefined ? this.#reader.lag : 0;
  }

  get channels(): readonly string[] {
    return this.#options.request.channels;
  }

  take(news: GroupNews): void {
    if (news.answer === null) return;
    const { everyMs } = this.#options.request;
    if (everyMs === 0 && !news.stateLost) return this.#finish(news.answer());
    this.#reader.moveTo(news.before);
    if (everyMs === 0) return this.#finish(null);
    this.#group?.leave();
    this.#group = undefined;
    clearTimeout(this.#timer);
    this.#pause();
  }

  /** The client asks again, with the same cursor, and is told then why it cannot stay. */
  close(_disconnect: Disconnect): void {
    this.#giveUp();
  }

  /** Until the next update is due, unless the client does not wait so long. */
  #pause(): void {
    const { everyMs } = this.#options.request;
    const leftMs = Math.max(0, this.#until - performance.now());
    const dueMs = everyMs - Date.now() % everyMs;
    const end = () => dueMs <= leftMs ? this.#finish(null) : this.#giveUp();
    this.#timer = setTimeout(end, Math.min(dueMs, leftMs));
  }

  #giveUp(): void {
    // With a filter, more may have gone by than what it was woken for.
    const cursor = this.#group?.cursor() ?? this.#reader.cursor;
    this.#finish(encodeLongPoll({ cursor, time: Date.now(), starts: [], messages: [] }));
  }
}
