/** What a state channel asks of a publish before it is kept; the same for every broker. */
import { type Keyed, maxStateLength } from "../channels.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { Draft, Publication } from "../protocol/publication.ts";
import type { KeyCondition, Suppressed } from "./broker.ts";

/** The latest of a key, with what later publishes are compared to. */
export interface Entry {
  readonly publication: Publication;
  readonly version?: NonNullable<KeyCondition["version"]>;
}

/** How much a state channel holds. `length`: UTF-16 units of all bodies. */
export interface Fill {
  readonly keys: number;
  readonly length: number;
}

/** Why the publish changes nothing; null: it does. @param entry null: the key is not there. */
export function suppressedBy(
  draft: Draft,
  { exists, offset, version }: KeyCondition,
  entry: Entry | null,
): Suppressed | null {
  if (entry === null && (draft.removed || exists === true)) return "key_not_found";
  if (entry !== null && exists === false) return "key_exists";
  if (offset !== undefined && entry?.publication.position?.offset !== offset) {
    return "key_not_found";
  }
  const known = entry?.version;
  if (version !== undefined && known !== undefined && known.epoch === version.epoch) {
    if (version.number <= known.number) return "version";
  }
  return null;
}

/** What the channel holds after the publication. @throws ProtocolError 106 for more than it may. */
export function fillAfter(
  fill: Fill,
  publication: Publication,
  before: Entry | null,
  keyed: Keyed,
): Fill {
  const less = before === null ? 0 : before.publication.body.length;
  if (publication.removed) return { keys: fill.keys - 1, length: fill.length - less };
  const keys = fill.keys + (before === null ? 1 : 0);
  const length = fill.length + publication.body.length - less;
  if (keys > keyed.maxKeys && before === null) {
    throw new ProtocolError("limitExceeded", `the channel holds at most ${keyed.maxKeys} keys`);
  }
  if (length > maxStateLength && publication.body.length > less) {
    throw new ProtocolError(
      "limitExceeded",
      `the channel's state holds at most ${maxStateLength} characters`,
    );
  }
  return { keys, length };
}

/** Whether the key's time is over. */
export function isExpired(publication: Publication, keyed: Keyed, now: number): boolean {
  return keyed.ttlMs !== null && publication.time + keyed.ttlMs <= now;
}
