/** Cuts the entries of a state channel into pages; the same for every broker. */
import { ProtocolError } from "../protocol/errors.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";
import { fitting, type StatePage, type StateQuery } from "./broker.ts";
import { isExpired } from "./key_rules.ts";

/** A place among the entries: behind this one. */
export interface After {
  readonly score: number;
  readonly key: string;
}

/** What the first page froze. @throws ProtocolError 112 when the stream has begun anew. */
export function frozenAt({ after }: StateQuery, head: StreamPosition): StreamPosition {
  if (after === undefined) return head;
  if (after.position.epoch !== head.epoch) throw new ProtocolError("unrecoverablePosition");
  return after.position;
}

/**
 * @param all the channel's entries, in any order.
 * @param head the channel's position now.
 */
export function statePage(
  all: Iterable<Publication>,
  query: StateQuery,
  head: StreamPosition,
  keys: number,
  now: number,
): StatePage {
  const position = frozenAt(query, head);
  const compare = comparison(query);
  const after = query.after && decodeCursor(query.after.cursor);
  const left: Publication[] = [];
  for (const entry of query.limit === 0 ? [] : all) {
    if ((entry.position?.offset ?? 0) > position.offset) continue;
    if (query.key !== undefined && entry.key !== query.key) continue;
    if (!query.withExpired && isExpired(entry, query.keyed, now)) continue;
    if (after !== undefined && compare(placeOf(entry), after) <= 0) continue;
    left.push(entry);
  }
  left.sort((a, b) => compare(placeOf(a), placeOf(b)));
  const entries = fitting(left.slice(0, query.limit), query.maxLength);
  const last = entries.at(-1);
  const more = last !== undefined && entries.length < left.length;
  return { entries, position, cursor: more ? encodeCursor(placeOf(last)) : null, keys };
}

function placeOf({ score = 0, key = "" }: Publication): After {
  return { score, key };
}

function comparison({ order, descending }: StateQuery): (a: After, b: After) => number {
  const sign = descending ? -1 : 1;
  return (a, b) => {
    if (order === "score" && a.score !== b.score) return a.score < b.score ? -sign : sign;
    return a.key === b.key ? 0 : a.key < b.key ? -sign : sign;
  };
}

export function encodeCursor({ score, key }: After): string {
  return `${score}~${key}`;
}

/** @throws ProtocolError 107 */
export function decodeCursor(cursor: string): After {
  const tilde = cursor.indexOf("~");
  const score = Number(cursor.slice(0, tilde));
  if (tilde < 1 || !Number.isFinite(score)) {
    throw new ProtocolError("badRequest", "cursor is not one of this channel's state pages");
  }
  return { score, key: cursor.slice(tilde + 1) };
}
