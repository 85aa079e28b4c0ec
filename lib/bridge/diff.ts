/** What has to be published so that a channel's state is what a document says. */
import type { Publication } from "../protocol/publication.ts";
import type { Item } from "./items.ts";
import { isRecord } from "./pointer.ts";
import type { WatchedState } from "./target.ts";

export interface Change {
  readonly key: string;
  /** null: the key is gone. */
  readonly item: Item | null;
  /** What the key has now. */
  readonly before: Publication | null;
}

export interface Difference {
  /** Removals come first: a channel that is full has room then. */
  readonly changes: readonly Change[];
  /** Keys that differ, and were published by others while the document was under way. */
  readonly leftAlone: number;
}

/** The state at a moment. */
export type Moment = ReadonlyMap<string, Publication>;

export function momentOf(state: WatchedState): Moment {
  const moment = new Map<string, Publication>();
  for (const entry of state.entries()) moment.set(entry.key ?? "", entry);
  return moment;
}

/** @param start the state when the document was asked for. */
export function difference(
  items: ReadonlyMap<string, Item>,
  state: WatchedState,
  start: Moment,
): Difference {
  const sets: Change[] = [];
  const removals: Change[] = [];
  let leftAlone = 0;
  for (const [key, item] of items) {
    const before = state.get(key);
    if (before !== undefined && isPublished(before, key, item)) continue;
    if (before !== start.get(key)) leftAlone++;
    else sets.push({ key, item, before: before ?? null });
  }
  for (const before of state.entries()) {
    const { key = "" } = before;
    if (items.has(key)) continue;
    if (before !== start.get(key)) leftAlone++;
    else removals.push({ key, item: null, before });
  }
  return { changes: [...removals, ...sets], leftAlone };
}

/** Of publications whose text is another one than the document's. */
const dataOf = new WeakMap<Publication, unknown>();

function isPublished(publication: Publication, key: string, { text, value }: Item): boolean {
  if (hasText(publication.body, key, text)) return true;
  let data = dataOf.get(publication);
  if (data === undefined) {
    const body: { readonly data?: unknown } = JSON.parse(publication.body);
    data = body.data;
    dataOf.set(publication, data);
  }
  return isSame(data, value);
}

/**
 * Whether the body has this very text as its data, which is so for nearly all that has not changed:
 * the text was made the same way. It is seen without parsing.
 */
function hasText(body: string, key: string, text: string): boolean {
  const at = `{"key":${JSON.stringify(key)},"data":`;
  if (!body.startsWith(text, at.length) || !body.startsWith(at)) return false;
  const next = body[at.length + text.length];
  return next === "," || next === "}";
}

/**
 * Deep comparison of JSON values; the order of an object's members does not matter. Not recursive:
 * whoever answers decides how deep they are.
 */
export function isSame(a: unknown, b: unknown): boolean {
  const open: [unknown, unknown][] = [[a, b]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [one, other] = pair;
    if (one === other) continue;
    if (Array.isArray(one)) {
      if (!Array.isArray(other) || one.length !== other.length) return false;
      for (const [i, item] of one.entries()) open.push([item, other[i]]);
      continue;
    }
    if (!isRecord(one) || !isRecord(other)) return false;
    const names = Object.keys(one);
    if (names.length !== Object.keys(other).length) return false;
    for (const name of names) {
      if (!Object.hasOwn(other, name)) return false;
      open.push([one[name], other[name]]);
    }
  }
  return true;
}
