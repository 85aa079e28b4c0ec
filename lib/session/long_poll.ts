/** One long-poll request: answered at once when there is something to say, else when there is. */
import type { Identity } from "../auth/identity.ts";
import type { Node } from "../node/node.ts";
import type { Disconnect } from "../protocol/disconnects.ts";
import { encodeLongPoll } from "../protocol/events.ts";
import { answerLimit, type EventGroups, type GroupMember, type GroupNews } from "./event_group.ts";
import { EventReader, type EventRequest } from "./event_reader.ts";
import type { Connected } from "../node/sessions.ts";

export interface LongPollOptions {
  readonly node: Node;
  readonly groups: EventGroups;
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
  try {
    const all = await reader.start();
    // Positions that were honoured need no telling, nor channels that have none.
    const starts = request.from === null
      ? all
      : all.filter(({ position, recovered }) => position !== null && recovered !== true);
    const at = reader.cursor;
    const { messages, cursor, level } = await collect(reader);
    const silent = starts.length === 0 && messages.length === 0;
    if (!silent || request.from === null || !level || waitMs === 0 || signal.aborted) {
      return encodeLongPoll({
        cursor: messages.length > 0 ? cursor : at,
        time: Date.now(),
        starts,
        messages,
      });
    }
    return await new Waiter(options, reader).answer;
  } finally {
    reader.release();
    node.sessions.dismiss();
  }
}

async function collect(
  reader: EventReader,
): Promise<{ messages: string[]; cursor: string; level: boolean }> {
  const messages: string[] = [];
  let length = 0;
  let cursor = reader.cursor;
  while (true) {
    const next = await reader.next(answerLimit.messages - messages.length);
    if (next === null) return { messages, cursor, level: true };
    // Lost in between: the next request finds it out and is told.
    if ("lost" in next) return { messages, cursor, level: false };
    for (const message of next) {
      length += message.text.length;
      if (length > answerLimit.length && messages.length > 0) {
        return { messages, cursor, level: false };
      }
      messages.push(message.text);
      cursor = message.cursor ?? cursor;
    }
    if (messages.length >= answerLimit.messages) return { messages, cursor, level: false };
  }
}

/** Waits, level with its channels, for the first thing to happen. */
class Waiter implements Connected, GroupMember {
  readonly id = crypto.randomUUID();
  readonly transport = "long_poll";
  readonly user: string;
  readonly backlog = 0;
  readonly answer: Promise<string>;
  readonly #cursor: string;
  readonly #finish: (answer: string) => void;

  constructor({ node, groups, identity, waitMs, signal }: LongPollOptions, reader: EventReader) {
    this.user = identity.user;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.answer = promise;
    this.#cursor = reader.cursor;
    // Level in this very turn: between `collect` and here nothing else ran.
    const leave = groups.join(this, [...reader.streams], reader.hash, false);
    const giveUp = () => this.#giveUp();
    const timer = setTimeout(giveUp, waitMs);
    this.#finish = (answer) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      leave();
      node.sessions.remove(this);
      resolve(answer);
    };
    signal.addEventListener("abort", giveUp);
    node.sessions.add(this);
  }

  take(news: GroupNews): void {
    if (news.answer !== null) this.#finish(news.answer());
  }

  /** The client asks again, with the same cursor, and is told then why it cannot stay. */
  close(_disconnect: Disconnect): void {
    this.#giveUp();
  }

  #giveUp(): void {
    this.#finish(
      encodeLongPoll({ cursor: this.#cursor, time: Date.now(), starts: [], messages: [] }),
    );
  }
}
