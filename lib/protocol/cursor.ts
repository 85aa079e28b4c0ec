/**
 * The cursor of `/v1/events`: the positions of a list of channels as one opaque text (PROTOCOL.md
 * 3). It names no channels: a short hash ties it to the list it was made for. Form, free to change:
 * `1~<hash>~<epoch>.<offset in base 36>~…`, an item being empty for a channel without history.
 */
import type { StreamPosition } from "./publication.ts";

/** A position per channel of the list, in its order; null for a channel without history. */
export type Positions = readonly (StreamPosition | null)[];

/** The text was not made by `encodeCursor`, or for another list of channels. */
export class BadCursor extends Error {
  override readonly name = "BadCursor";
}

const version = "1";
const item = /^([a-z0-9]{1,32})\.([0-9a-z]{1,11})$/;

export function encodeCursor(listHash: string, positions: Positions): string {
  let cursor = `${version}~${listHash}`;
  for (const position of positions) {
    cursor += position === null ? "~" : `~${position.epoch}.${position.offset.toString(36)}`;
  }
  return cursor;
}

/** @throws BadCursor */
export function decodeCursor(cursor: string, channels: readonly string[]): Positions {
  const [made, hash, ...items] = cursor.split("~");
  if (made !== version) throw new BadCursor("cursor is not one of this server's");
  if (hash !== hashOf(channels) || items.length !== channels.length) {
    throw new BadCursor("cursor belongs to another list of channels");
  }
  return items.map((text) => {
    if (text === "") return null;
    const [, epoch, digits] = item.exec(text) ?? [];
    const offset = Number.parseInt(digits ?? "", 36);
    if (epoch === undefined || !Number.isSafeInteger(offset)) {
      throw new BadCursor("cursor is not one of this server's");
    }
    return { epoch, offset };
  });
}

/** A short name of a list of channels: FNV-1a over their names, 32 bits. */
export function hashOf(channels: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const unit of channels.join("\n")) {
    hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash.toString(36);
}
