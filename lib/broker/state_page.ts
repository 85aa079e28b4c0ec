/** Cuts the entries of a state channel into pages; the same for every broker. */
import { ProtocolError } from "../protocol/errors.ts";
import { maxKeyLength, type Publication, type StreamPosition } from "../protocol/publication.ts";
import { fitting, type StatePage, type StateQuery } from "./broker.ts";
import { isExpired } from "./key_rules.ts";

/** A place among the entries: behind this one. */
export interface Place {
  /** 0 where keys alone rule. */
  readonly score: number;
  readonly key: string;
}

/** What the first page froze. @throws ProtocolError 112 when the stream has begun anew. */
export function frozenAt({ after }: StateQuery, head: StreamPosition): StreamPosition {
  if (after === undefined) return head;
  const { epoch, offset } = after.position;
  if (epoch !== head.epoch || offset > head.offset) {
    throw new ProtocolError("unrecoverablePosition");
  }
  return { epoch, offset };
}

/** Whether an entry belongs into a snapshot at the position. */
export function belongs(
  entry: Publication,
  query: StateQuery,
  { offset }: StreamPosition,
  now: number,
): boolean {
  if ((entry.position?.offset ?? 0) > offset) return false;
  return query.withExpired === true || !isExpired(entry, query.keyed, now);
}

/**
 * @param all the channel's entries, in any order.
 * @param head the channel's position now.
 * @throws ProtocolError 107 for a cursor that is none, 112 when the stream has begun anew.
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
  const after = placeAfter(query);
  const left: Publication[] = [];
  for (const entry of query.limit === 0 ? [] : all) {
    if (!belongs(entry, query, position, now)) continue;
    if (after !== null && compare(placeOf(entry), after) <= 0) continue;
    left.push(entry);
  }
  left.sort((a, b) => compare(placeOf(a), placeOf(b)));
  const entries = fitting(left.slice(0, query.limit), query.maxLength);
  const more = entries.length < left.length;
  return { entries, position, cursor: more ? cursorAt(entries.at(-1), query) : null, keys };
}

/** Where the page before ended; null: this is the first. @throws ProtocolError 107 */
export function placeAfter({ after, order }: StateQuery): Place | null {
  return after === undefined ? null : decodeCursor(after.cursor, order === "score");
}

/** The cursor of a page that ends with this entry, and is not the last. */
export function cursorAt(last: Publication | undefined, { order }: StateQuery): string | null {
  if (last === undefined) return null;
  const { score, key } = placeOf(last);
  return order === "score" ? `${score}~${key}` : `~${key}`;
}

function decodeCursor(cursor: string, scored: boolean): Place {
  const tilde = cursor.indexOf("~");
  const number = cursor.slice(0, Math.max(0, tilde));
  const key = cursor.slice(tilde + 1);
  const score = Number(number);
  const sound = tilde >= 0 && scored === (number !== "") && Number.isFinite(score) &&
    key.length > 0 && key.length <= maxKeyLength && key.isWellFormed();
  if (!sound) {
    throw new ProtocolError("badRequest", "cursor is not one of this channel's state pages");
  }
  return { score, key };
}

function placeOf({ score = 0, key = "" }: Publication): Place {
  return { score, key };
}

function comparison({ order, descending }: StateQuery): (a: Place, b: Place) => number {
  const sign = descending ? -1 : 1;
  return (a, b) => {
    if (order === "score" && a.score !== b.score) return a.score < b.score ? -sign : sign;
    return sign * compareKeys(a.key, b.key);
  };
}

/** By code points, as UTF-8 sorts; UTF-16 has what is beyond U+FFFF too early. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Halves of characters beyond U+FFFF behind all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
