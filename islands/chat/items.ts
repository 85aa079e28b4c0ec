/** A conversation as it is shown: messages in groups by author, under their days. */
import type { ChatMessage } from "../../lib/store/events.ts";
import type { Outgoing } from "./outbox.ts";

/** `stored`: the server has it. `seen`: somebody else has read it. */
export type Delivery = "sending" | "failed" | "stored" | "seen";

export interface DayItem {
  readonly kind: "day";
  readonly key: string;
  /** A time in it, in Unix milliseconds. */
  readonly at: number;
}

export interface MessageItem {
  readonly kind: "message";
  /** The same before and after it is stored. */
  readonly key: string;
  readonly author: string;
  readonly isStaff: boolean;
  readonly isMine: boolean;
  readonly text: string;
  readonly at: number;
  /** null: another's. */
  readonly delivery: Delivery | null;
  /** Of those that its author wrote in a row. */
  readonly isFirst: boolean;
}

export type Item = DayItem | MessageItem;

export interface Shown {
  /** In order. */
  readonly messages: readonly ChatMessage[];
  /** In order; those among the messages already are left out. */
  readonly outgoing: readonly Outgoing[];
  readonly me: { readonly user: string; readonly isStaff: boolean };
  /** The id of the last message that somebody else has read. */
  readonly seenUpTo: string;
  /** Equal for two times of one day. */
  readonly dayOf: (at: number) => string;
}

/** Whoever is silent for longer begins another group. */
const groupMs = 5 * 60_000;

export function itemsOf({ messages, outgoing, me, seenUpTo, dayOf }: Shown): Item[] {
  const items: Item[] = [];
  let before: MessageItem | undefined;
  const add = (message: Omit<MessageItem, "kind" | "isFirst">) => {
    const isNewDay = before === undefined || dayOf(before.at) !== dayOf(message.at);
    if (isNewDay) items.push({ kind: "day", key: `day ${message.key}`, at: message.at });
    const isFirst = isNewDay || before === undefined || before.author !== message.author ||
      before.isMine !== message.isMine || before.isStaff !== message.isStaff ||
      message.at - before.at > groupMs;
    before = { kind: "message", ...message, isFirst };
    items.push(before);
  };
  const stored = new Set<string>();
  for (const { id, author, text, at, sentAs, isStaff = false } of messages) {
    const isMine = me.user !== "" && author === me.user;
    if (isMine && sentAs !== undefined) stored.add(sentAs);
    const key = isMine && sentAs !== undefined ? sentAs : id;
    const delivery = !isMine ? null : id <= seenUpTo ? "seen" : "stored";
    add({ key, author, isStaff, isMine, text, at, delivery });
  }
  for (const { id, text, at, failure } of outgoing) {
    if (stored.has(id)) continue;
    const delivery = failure === null ? "sending" : "failed";
    // This device's clock may be behind the server's.
    const time = Math.max(at, before?.at ?? 0);
    const { user: author, isStaff } = me;
    add({ key: id, author, isStaff, isMine: true, text, at: time, delivery });
  }
  return items;
}

/** Whether two items look alike. */
export function isSameItem(a: Item, b: Item): boolean {
  if (a.kind === "day" || b.kind === "day") {
    return a.kind === b.kind && a.key === b.key && a.at === b.at;
  }
  return a.key === b.key && a.delivery === b.delivery && a.isFirst === b.isFirst &&
    a.at === b.at && a.text === b.text && a.author === b.author && a.isStaff === b.isStaff &&
    a.isMine === b.isMine;
}
