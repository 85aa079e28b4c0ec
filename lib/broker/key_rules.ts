/** What a state channel asks of a publish before it is kept; the same for every broker. */
import { type Keyed, maxStateLength } from "../channels.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { type Draft, maxKeyLength, type Publication, type Tags } from "../protocol/publication.ts";
import type { KeyCondition, Suppressed } from "./broker.ts";

/** What a later publish to the key is compared to. */
export interface Entry {
  readonly offset: number;
  /** Unix milliseconds. */
  readonly time: number;
  /** UTF-16 units of the body. */
  readonly length: number;
  readonly tags?: Tags;
  readonly version?: NonNullable<KeyCondition["version"]>;
}

/** How much a state channel holds. `length`: UTF-16 units of all bodies. */
export interface Fill {
  readonly keys: number;
  readonly length: number;
}

export const emptyFill: Fill = { keys: 0, length: 0 };

/** @throws ProtocolError 107 for what cannot be a key. */
export function checkKey(key: string): void {
  if (key.length === 0) throw new ProtocolError("badRequest", "key is empty");
  if (key.length > maxKeyLength) {
    throw new ProtocolError("badRequest", `key is longer than ${maxKeyLength}`);
  }
  // Stores keep UTF-8, in which halves of characters would all become one key.
  if (!key.isWellFormed()) throw new ProtocolError("badRequest", "key is not Unicode");
}

/**
 * Why the publish changes nothing; null: it does. A key whose time is over is as good as gone for
 * all but its removal, and for who names its offset.
 * @param entry null: the key is not there.
 */
export function suppressedBy(
  draft: Draft,
  { exists, offset, version }: KeyCondition,
  entry: Entry | null,
  keyed: Keyed,
  now: number,
): Suppressed | null {
  if (offset !== undefined && entry?.offset !== offset) return "key_not_found";
  if (draft.removed && entry === null) return "key_not_found";
  const there = entry !== null && !isExpired(entry, keyed, now);
  if (exists === true && !there) return "key_not_found";
  if (exists === false && there) return "key_exists";
  const known = there ? entry.version : undefined;
  if (version !== undefined && known?.epoch === version.epoch) {
    if (version.number <= known.number) return "version";
  }
  return null;
}

/** A removal carries the tags of what it removes. */
export function inheritTags(draft: Draft, before: Entry | null): Draft {
  if (!draft.removed) return draft;
  const { tags: _, ...bare } = draft;
  return before?.tags === undefined ? bare : { ...bare, tags: before.tags };
}

/** What the key has after the publication; null: it is gone. */
export function entryAfter(
  { position, time, body, tags, removed }: Publication,
  { version }: KeyCondition,
  before: Entry | null,
): Entry | null {
  if (removed) return null;
  const kept = version ?? before?.version;
  return {
    offset: position?.offset ?? 0,
    time,
    length: body.length,
    ...(tags !== undefined && { tags }),
    ...(kept !== undefined && { version: kept }),
  };
}

/** What the channel holds after the change. @throws ProtocolError 106 for more than it may. */
export function fillAfter(
  fill: Fill,
  before: Entry | null,
  after: Entry | null,
  keyed: Keyed,
): Fill {
  const keys = fill.keys + (after === null ? 0 : 1) - (before === null ? 0 : 1);
  const added = (after?.length ?? 0) - (before?.length ?? 0);
  const length = fill.length + added;
  if (keys > keyed.maxKeys && keys > fill.keys) {
    throw new ProtocolError("limitExceeded", `the channel holds at most ${keyed.maxKeys} keys`);
  }
  if (length > maxStateLength && added > 0) {
    throw new ProtocolError(
      "limitExceeded",
      `the channel's state holds at most ${maxStateLength} characters`,
    );
  }
  return { keys, length };
}

/** Whether the key's time is over. */
export function isExpired(entry: { readonly time: number }, keyed: Keyed, now: number): boolean {
  return keyed.ttlMs !== null && entry.time + keyed.ttlMs <= now;
}
