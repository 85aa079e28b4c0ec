/** Where a channel is: the row that every change of it checks and moves. */
import type { Keyed, Retention } from "../../channels.ts";
import { retryLocked } from "../../kv/retry.ts";
import type { StreamPosition } from "../../protocol/publication.ts";
import { newEpoch } from "../broker.ts";
import type { Fill } from "../key_rules.ts";
import { keys } from "./keys.ts";

/** The row's value; without `keys` the channel has no state. */
export interface HeadRow extends StreamPosition, Partial<Fill> {
  readonly until?: number;
}

/** A channel's head, as last read or written. */
export interface Head {
  readonly position: StreamPosition;
  readonly fill: Fill;
  /**
   * Unix milliseconds at which this life of the channel is over, so that none of its keys vanishes
   * from a state that somebody may still resume; moved on as keys are removed in time (expiry.ts).
   */
  readonly until: number | null;
  readonly versionstamp: string;
}

/** How long the rows of a state stay beyond the life of their channel, as clocks differ. */
const marginMs = 3_600_000;

/**
 * How long the head of a stream without state outlives its last change. Longer than anything it is
 * head of, so that an idle stream keeps its epoch; not for ever, so that channel names do not pile
 * up.
 */
export function headLifetimeMs(retention: Retention): number {
  return Math.max(retention.ttlMs * 10, 24 * 3_600_000);
}

/** How long a key's row outlives its publication; undefined: for ever. Long past the key's time. */
export function entryLifetimeMs(retention: Retention, { ttlMs }: Keyed): number | undefined {
  return ttlMs === null ? undefined : ttlMs + headLifetimeMs(retention) + marginMs;
}

/** Until when a channel may live whose oldest entry is of that time; null: for ever. */
export function untilOf(oldest: number, retention: Retention, keyed: Keyed): number | null {
  const lifetime = entryLifetimeMs(retention, keyed);
  return lifetime === undefined ? null : oldest + lifetime - marginMs;
}

/** Whether keys whose time is over should be removed soon, for the channel to live on. */
export function nearsEnd(until: number | null, retention: Retention, now: number): boolean {
  return until !== null && until - now < headLifetimeMs(retention) / 2;
}

/**
 * How long the head of a stream lives that nobody has published to: anybody who may subscribe can
 * begin one. Head checks keep it while somebody listens (`keepUnusedHead`).
 */
export const unusedHeadMs = 10 * 60_000;

/** Writes where a channel goes from the head, which must not have moved. */
export function setHead(
  atomic: Deno.AtomicOperation,
  channel: string,
  from: Head,
  { position, fill, until }: Omit<Head, "versionstamp">,
  retention: Retention,
  now: number,
): void {
  const key = keys.head(channel);
  atomic.check({ key, versionstamp: from.versionstamp });
  if (fill.keys === 0) atomic.set(key, position, { expireIn: headLifetimeMs(retention) });
  else if (until === null) atomic.set(key, { ...position, ...fill });
  else atomic.set(key, { ...position, ...fill, until }, { expireIn: Math.max(1, until - now) });
}

/** Keeps the head of a stream nobody has published to; its entry was just read. */
export async function keepUnusedHead(kv: Deno.Kv, entry: Deno.KvEntry<HeadRow>): Promise<void> {
  const { key, value, versionstamp } = entry;
  const atomic = kv.atomic().check({ key, versionstamp });
  await retryLocked(() => atomic.set(key, value, { expireIn: unusedHeadMs }).commit());
}

/** The head; a stream that is not there, or whose life is over, is begun. */
export async function readHead(kv: Deno.Kv, channel: string, now: number): Promise<Head> {
  const key = keys.head(channel);
  while (true) {
    const entry = await kv.get<HeadRow>(key);
    const { value } = entry;
    const over = value?.until !== undefined && value.until <= now;
    if (value !== null && !over) return headOf(value, entry.versionstamp);
    const position = { epoch: newEpoch(), offset: 0 };
    const begun = await retryLocked(() =>
      kv.atomic().check(entry).set(key, position, { expireIn: unusedHeadMs }).commit()
    );
    if (begun.ok) return headOf(position, begun.versionstamp);
  }
}

export function positionOf({ epoch, offset }: HeadRow): StreamPosition {
  return { epoch, offset };
}

function headOf(row: HeadRow, versionstamp: string): Head {
  const { keys = 0, length = 0, until = null } = row;
  return { position: positionOf(row), fill: { keys, length }, until, versionstamp };
}
