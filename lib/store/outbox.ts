/**
 * The outbox: events wait here, written in the same transaction as the change they tell of, until
 * the relay has published them. So no event is lost, and none tells of a change that failed.
 */
import { monotonicUlid } from "@std/ulid";
import type { Alert } from "./alerts_shape.ts";
import { keys } from "./context.ts";
import type { Tags } from "../protocol/publication.ts";
import type { ChatMessage, OrderSummary, ReadMark, StockItem, VehiclePosition } from "./events.ts";

export type StoreEvent =
  | KeyEvent<"orders:all", OrderSummary>
  | KeyEvent<"stock:all", StockItem>
  | KeyEvent<"vehicles:all", VehiclePosition>
  | KeyEvent<"alerts:all", Alert>
  | KeyEvent<`read:${string}`, ReadMark>
  | { readonly channel: `chat:${string}`; readonly data: ChatMessage };

/** A change of a state channel: what a key has now, or that it is gone. */
type KeyEvent<Channel, Data> =
  | {
    readonly channel: Channel;
    readonly key: string;
    readonly data: Data;
    readonly tags?: Tags;
  }
  | { readonly channel: Channel; readonly key: string; readonly removed: true };

/** An event on its way. */
export interface OutboxEvent {
  readonly channel: string;
  /** JSON text; `null` of a removal. */
  readonly data: string;
  /** In a state channel, and only there. */
  readonly key?: string;
  readonly removed?: true;
  readonly tags?: Tags;
}

export interface OutboxRow extends OutboxEvent {
  /** Names the event for good: however often it is published, its readers see it once. */
  readonly id: string;
  /** Sorts as the commits happened, which ids made by several isolates do not. */
  readonly versionstamp: string;
}

/** Adds events to a commit, in order. */
export function addEvents(write: Deno.AtomicOperation, events: readonly StoreEvent[]): void {
  let last = "";
  for (const event of events) {
    last = monotonicUlid();
    const data = "data" in event ? JSON.stringify(event.data) : "null";
    write.set(keys.outboxRow(last), { ...event, data } satisfies OutboxEvent);
  }
  write.set(keys.outboxHead, last);
}

export interface OutboxPart {
  /** The oldest rows, in commit order. */
  readonly rows: OutboxRow[];
  /** How many rows the outbox holds, those passed over included. */
  readonly size: number;
  /** Whether there were more than `limit` to give. */
  readonly more: boolean;
}

/**
 * The `limit` oldest rows of the channels that `wants`, in commit order.
 *
 * A long listing is read in several batches, and a row may be added behind a batch already read
 * while a later commit's row is still ahead. Therefore only rows count that were committed before
 * the listing began: of these none can be missed.
 */
export async function readOutbox(
  kv: Deno.Kv,
  options: { limit: number; wants: (channel: string) => boolean },
): Promise<OutboxPart> {
  const head = await kv.get(keys.outboxHead);
  if (head.versionstamp === null) return { rows: [], size: 0, more: false };
  let rows: OutboxRow[] = [];
  let size = 0;
  let more = false;
  const listing = kv.list<OutboxEvent>(
    { prefix: [...keys.outbox] },
    { batchSize: 500 },
  );
  for await (const { key, value, versionstamp } of listing) {
    size++;
    if (versionstamp > head.versionstamp || !options.wants(value.channel)) continue;
    rows.push({ id: String(key[1]), ...value, versionstamp });
    if (rows.length < options.limit * 2) continue;
    rows = oldest(rows, options.limit);
    more = true;
  }
  more ||= rows.length > options.limit;
  return { rows: oldest(rows, options.limit), size, more };
}

function oldest(rows: OutboxRow[], limit: number): OutboxRow[] {
  return rows.sort(byCommit).slice(0, limit);
}

function byCommit(a: OutboxRow, b: OutboxRow): number {
  if (a.versionstamp !== b.versionstamp) return a.versionstamp < b.versionstamp ? -1 : 1;
  // One commit's ids were made by one isolate, one after the other.
  return a.id < b.id ? -1 : 1;
}

/** Forgets rows that were published. */
export async function deleteRows(kv: Deno.Kv, rows: readonly OutboxRow[]): Promise<void> {
  const write = kv.atomic();
  for (const { id } of rows) write.delete(keys.outboxRow(id));
  await write.commit();
}
