/** Appends to the log on their way into a commit: numbered after their channel's head, written. */
import type { Retention } from "../../channels.ts";
import {
  type Draft,
  encodeBody,
  type Publication,
  type StreamPosition,
} from "../../protocol/publication.ts";
import type { Published } from "../broker.ts";
import { headLifetimeMs, keys } from "./log.ts";
import type { Keyed } from "./once.ts";
import { toRows } from "./segment.ts";

export interface Append extends Keyed {
  readonly draft: Draft;
  readonly retention: Retention;
}

/** A channel's head, as last read or written. */
export interface Head {
  readonly position: StreamPosition;
  readonly versionstamp: string;
}

/** Where a commit leads a channel. */
export interface Moved {
  readonly channel: string;
  readonly position: StreamPosition;
  readonly retention: Retention;
}

/** The appends of each channel, in their order. */
export function byChannel<One extends Append>(group: readonly One[]): Map<string, One[]> {
  const channels = new Map<string, One[]>();
  for (const one of group) {
    const list = channels.get(one.channel);
    if (list === undefined) channels.set(one.channel, [one]);
    else list.push(one);
  }
  return channels;
}

/**
 * Gives the appends of one channel their offsets after `head`, and notes each one's result. A key
 * repeated among them counts once.
 */
export function number<One extends Append>(
  appends: readonly One[],
  head: StreamPosition,
  time: number,
  results: Map<One, Published>,
): Publication[] {
  const added: Publication[] = [];
  const positions = new Map<string, StreamPosition>();
  for (const one of appends) {
    const repeated = one.idempotency && positions.get(one.idempotency.key);
    if (repeated !== undefined) {
      results.set(one, { position: repeated, suppressed: "idempotency" as const });
      continue;
    }
    const position = { epoch: head.epoch, offset: head.offset + added.length + 1 };
    if (one.idempotency !== undefined) positions.set(one.idempotency.key, position);
    const body = encodeBody(one.draft, position, time);
    added.push({ channel: one.channel, position, body, time });
    results.set(one, { position, suppressed: null });
  }
  return added;
}

/** Writes consecutive publications, made at one time, and where they lead; fails if `head` moved. */
export function write(
  atomic: Deno.AtomicOperation,
  head: Head,
  added: readonly Publication[],
  { channel, position, retention }: Moved,
): void {
  const headKey = keys.head(channel);
  atomic.check({ key: headKey, versionstamp: head.versionstamp });
  atomic.set(headKey, position, { expireIn: headLifetimeMs(retention) });
  for (const row of toRows(added, added[0]?.time ?? 0)) {
    atomic.set(keys.row(channel, position.epoch, row), row.bytes, { expireIn: retention.ttlMs });
  }
}

/** Bytes of UTF-8 that a draft takes in the log, rather too many than too few. */
export function sizeOf({ data, info, tags }: Draft): number {
  const plain = info === undefined && tags === undefined;
  const beside = plain ? 0 : JSON.stringify([info, tags]).length * 3;
  return data.length * (isAscii(data) ? 1 : 3) + beside + 256;
}

function isAscii(text: string): boolean {
  // deno-lint-ignore no-control-regex -- the range is the point
  return /^[\x00-\x7f]*$/.test(text);
}
