/**
 * The cursor of `/v1/events`: the positions of a list of channels as one opaque text (PROTOCOL.md
 * 3). It names no channels: a short hash ties it to the list it was made for. Form, free to change:
 * `1~<hash>~<epoch>.<offset in base 36>~…`, an item being empty for a channel without history or
 * one whose state is still to be given; `.<score>.<key>` follows in the midst of the state, `.<base>`
 * in the midst of conflated changes.
 */
import type { StreamPosition } from "./publication.ts";

/** Where a reader is in a channel. */
export interface Place extends StreamPosition {
  /** It has been given the state of this position up to and with this entry, and not all of it. */
  readonly after?: StateEntry;
  /**
   * It has been given the latest of some keys, not of all that changed: others it may know as they
   * were at any offset from this one on. Absent: it knows all as they were at `offset`.
   */
  readonly base?: number;
}

/** An entry by what snapshots are sorted by. */
export interface StateEntry {
  readonly score: number;
  readonly key: string;
}

/**
 * A place per channel of the list, in its order; null for a channel without history, or one whose
 * state is still to be given.
 */
export type Places = readonly (Place | null)[];

/** The text was not made by `encodeCursor`, or for another list of channels. */
export class BadCursor extends Error {
  override readonly name = "BadCursor";
}

const version = "1";
const item = /^([a-z0-9]{1,32})\.([0-9a-z]{1,11})(?:\.([0-9a-z]{1,11})|\.([^.]{1,40})\.([^.]+))?$/;

export function encodeCursor(listHash: string, places: Places): string {
  let cursor = `${version}~${listHash}`;
  for (const place of places) {
    cursor += place === null ? "~" : `~${place.epoch}.${place.offset.toString(36)}`;
    if (place?.after !== undefined) {
      cursor += `.${escape(`${place.after.score}`)}.${escape(place.after.key)}`;
    } else if (place?.base !== undefined) cursor += `.${place.base.toString(36)}`;
  }
  return cursor;
}

/** @throws BadCursor */
export function decodeCursor(cursor: string, channels: readonly string[]): Places {
  const [made, hash, ...items] = cursor.split("~");
  if (made !== version) throw foreign();
  if (hash !== hashOf(channels) || items.length !== channels.length) {
    throw new BadCursor("cursor belongs to another list of channels");
  }
  return items.map((text) => {
    if (text === "") return null;
    const [, epoch, digits, since, score, key] = item.exec(text) ?? [];
    const offset = Number.parseInt(digits ?? "", 36);
    if (epoch === undefined || !Number.isSafeInteger(offset)) throw foreign();
    if (since !== undefined) {
      const base = Number.parseInt(since, 36);
      if (base > offset) throw foreign();
      return { epoch, offset, base };
    }
    if (score === undefined || key === undefined) return { epoch, offset };
    const after = { score: Number(unescape(score)), key: unescape(key) };
    if (!Number.isFinite(after.score)) throw foreign();
    return { epoch, offset, after };
  });
}

function foreign(): BadCursor {
  return new BadCursor("cursor is not one of this server's");
}

/** Plain ASCII without the cursor's own marks, fit for a header and a query. */
function escape(text: string): string {
  return encodeURIComponent(text).replace(
    /[~.!'()*%]/g,
    (mark) => mark === "%" ? "!" : `!${mark.charCodeAt(0).toString(16)}`,
  );
}

/** @throws BadCursor */
function unescape(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("!", "%"));
  } catch {
    throw foreign();
  }
}

/** A short name of a list of channels: FNV-1a over their names, 32 bits. */
export function hashOf(channels: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const unit of channels.join("\n")) {
    hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash.toString(36);
}
