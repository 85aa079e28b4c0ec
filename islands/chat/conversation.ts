/**
 * What is known of a room: an unbroken run of messages up to the newest, in the order of their ids,
 * and how far others have read.
 */
import type { ChatMessage, ReadMark } from "../../lib/store/events.ts";

/** A part of the room's messages, as the server gives it. */
export interface MessagePage {
  /** Newest first. */
  readonly messages: readonly ChatMessage[];
  /** Where the older ones begin; null: there are none. */
  readonly next: string | null;
}

/** A conversation at one moment. */
export interface Known {
  /** Ascending. */
  readonly messages: readonly ChatMessage[];
  /** What there is of older ones: more, more than is held at once, or nothing. */
  readonly older: "more" | "full" | "none";
}

/** Messages of one page of history. */
export const pageSize = 50;
/** As many as are held; the oldest go first. */
export const mostMessages = 2_000;
const mostMarks = 1_000;

export class Conversation {
  /** Ascending. */
  #messages: ChatMessage[] = [];
  readonly #ids = new Set<string>();
  readonly #marks = new Map<string, string>();
  #next: string | null = null;
  readonly #most: number;

  constructor({ most = mostMessages }: { readonly most?: number } = {}) {
    this.#most = most;
  }

  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  get known(): Known {
    const older = this.#next === null ? "none" : this.hasRoom ? "more" : "full";
    return { messages: this.#messages, older };
  }

  /** The id of the newest; undefined: there is none. */
  get newest(): string | undefined {
    return this.#messages.at(-1)?.id;
  }

  /** Where the messages begin that are older than those held; null: there are none. */
  get next(): string | null {
    return this.#next;
  }

  /** Whether there is room for what is older. */
  get hasRoom(): boolean {
    return this.#messages.length + pageSize <= this.#most;
  }

  /** Takes messages that are newer than, or among, those held. Gives those that were not known. */
  add(messages: Iterable<ChatMessage>): ChatMessage[] {
    const fresh: ChatMessage[] = [];
    for (const message of messages) {
      // It is a part of the history that is not shown yet.
      if (this.#next !== null && message.id < this.#next) continue;
      if (this.#ids.has(message.id)) continue;
      this.#ids.add(message.id);
      this.#insert(message);
      fresh.push(message);
    }
    this.#trim();
    return fresh;
  }

  /** Takes what the server gave for `next`. */
  addOlder({ messages, next }: MessagePage): void {
    const older = messages.filter(({ id }) => !this.#ids.has(id)).toReversed();
    for (const { id } of older) this.#ids.add(id);
    this.#messages = [...older, ...this.#messages];
    this.#next = next;
  }

  /** Begins anew: what lies between what was held and this page is not known. */
  replace({ messages, next }: MessagePage): void {
    this.#ids.clear();
    this.#messages = messages.toReversed();
    for (const { id } of messages) this.#ids.add(id);
    this.#next = next;
  }

  /** Marks move forward only. Whether this one did. */
  mark({ user, upTo }: Pick<ReadMark, "user" | "upTo">): boolean {
    if ((this.#marks.get(user) ?? "") >= upTo) return false;
    if (!this.#marks.has(user) && this.#marks.size >= mostMarks) return false;
    this.#marks.set(user, upTo);
    return true;
  }

  /** How far a user has read; "": nothing. */
  readBy(user: string): string {
    return this.#marks.get(user) ?? "";
  }

  /** How far anybody but this user has read; "": nothing. */
  readByOthers(me: string): string {
    let furthest = "";
    for (const [user, upTo] of this.#marks) {
      if (user !== me && upTo > furthest) furthest = upTo;
    }
    return furthest;
  }

  /** Nearly always at the end. */
  #insert(message: ChatMessage): void {
    let at = this.#messages.length;
    while (at > 0 && (this.#messages[at - 1]?.id ?? "") > message.id) at--;
    this.#messages.splice(at, 0, message);
  }

  #trim(): void {
    const excess = this.#messages.length - this.#most;
    if (excess <= 0) return;
    for (const { id } of this.#messages.splice(0, excess)) this.#ids.delete(id);
    this.#next = this.#messages[0]?.id ?? null;
  }
}
