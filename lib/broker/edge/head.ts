/** Where a channel is: the row that every change of it checks and moves. */
import type { Keyed, Retention } from "../../channels.ts";
import { retryLocked } from "../../kv/retry.ts";
import type { StreamPosition } from "../../protocol/publication.ts";
import { newEpoch } from "../broker.ts";
import { emptyFill, type Fill } from "../key_rules.ts";
import { keys } from "./keys.ts";

/** The row's value; without `keys` the channel never had state. */
export interface HeadRow extends StreamPosition, Partial<Fill> {}

/** A channel's head, as last read or written. */
export interface Head {
  readonly position: StreamPosition;
  readonly fill: Fill;
  readonly versionstamp: string;
}

/**
 * How long a head outlives its last change; undefined: for ever. Longer than anything it is head
 * of, so that an idle stream keeps its epoch; not for ever, so that channel names do not pile up.
 */
export function headLifetimeMs(fill: Fill, { retention, keyed }: Rules): number | undefined {
  if (fill.keys === 0) return idleMs(retention);
  return keyed && entryLifetimeMs(retention, keyed);
}

/**
 * How long a key's row outlives its publication; undefined: for ever. Long past the key's own time,
 * which ends by a removal in the stream: whoever can still resume must not miss it.
 */
export function entryLifetimeMs(retention: Retention, { ttlMs }: Keyed): number | undefined {
  return ttlMs === null ? undefined : ttlMs + idleMs(retention) + retention.ttlMs;
}

function idleMs(retention: Retention): number {
  return Math.max(retention.ttlMs * 10, 24 * 3_600_000);
}

/**
 * How long the head of a stream lives that nobody has published to: anybody who may subscribe can
 * begin one. Head checks keep it while somebody listens (`keepUnusedHead`).
 */
export const unusedHeadMs = 10 * 60_000;

export interface Rules {
  readonly retention: Retention;
  readonly keyed?: Keyed | undefined;
}

/** Writes the head; it lives at least as long as what it is head of. */
export function setHead(
  atomic: Deno.AtomicOperation,
  channel: string,
  position: StreamPosition,
  fill: Fill,
  rules: Rules,
): void {
  const row: HeadRow = fill.keys === 0 ? position : { ...position, ...fill };
  const expireIn = headLifetimeMs(fill, rules);
  atomic.set(keys.head(channel), row, expireIn === undefined ? {} : { expireIn });
}

/** Keeps the head of a stream nobody has published to; its entry was just read. */
export async function keepUnusedHead(kv: Deno.Kv, entry: Deno.KvEntry<HeadRow>): Promise<void> {
  const { key, value, versionstamp } = entry;
  const atomic = kv.atomic().check({ key, versionstamp });
  await retryLocked(() => atomic.set(key, value, { expireIn: unusedHeadMs }).commit());
}

/** The head; a stream that is not there is begun. */
export async function readHead(kv: Deno.Kv, channel: string): Promise<Head> {
  const key = keys.head(channel);
  while (true) {
    const entry = await kv.get<HeadRow>(key);
    if (entry.value !== null) {
      const { keys = 0, length = 0 } = entry.value;
      const fill = { keys, length };
      return { position: positionOf(entry.value), fill, versionstamp: entry.versionstamp };
    }
    const position = { epoch: newEpoch(), offset: 0 };
    const begun = await retryLocked(() =>
      kv.atomic().check(entry).set(key, position, { expireIn: unusedHeadMs }).commit()
    );
    if (begun.ok) return { position, fill: emptyFill, versionstamp: begun.versionstamp };
  }
}

export function positionOf({ epoch, offset }: HeadRow): StreamPosition {
  return { epoch, offset };
}
