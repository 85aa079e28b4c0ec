/**
 * The log of the `edge:` broker: streams in Deno KV, the same on a laptop (SQLite) and on Deploy.
 *
 *     ["nhip", "head", channel]                  → { epoch, offset }
 *     ["nhip", "log", channel, epoch, last, part] → a row (segment.ts)
 *     ["nhip", "once", channel, key]             → what a key published (once.ts)
 */
import type { Retention } from "../../channels.ts";
import type { Publication, StreamPosition } from "../../protocol/publication.ts";
import { type HistoryPage, type HistoryQuery, newEpoch, sameEpoch } from "../broker.ts";
import { retryLocked } from "../../kv/retry.ts";
import { fromRow, type Row } from "./segment.ts";

export const keys = {
  head: (channel: string): Deno.KvKey => ["nhip", "head", channel],
  row: (channel: string, epoch: string, row: Row): Deno.KvKey => [
    "nhip",
    "log",
    channel,
    epoch,
    row.last,
    row.part,
  ],
  /** From the row that holds `offset` on. */
  rowFrom: (channel: string, epoch: string, offset: number): Deno.KvKey => [
    "nhip",
    "log",
    channel,
    epoch,
    offset,
  ],
  once: (channel: string, key: string): Deno.KvKey => ["nhip", "once", channel, key],
  bell: ["nhip", "bell"] as Deno.KvKey,
};

/**
 * How long a head outlives its last change. Longer than anything it is head of, so that an idle
 * stream keeps its epoch; not for ever, so that channel names do not pile up.
 */
export function headLifetimeMs(retention: Retention): number {
  return Math.max(retention.ttlMs * 10, 24 * 3_600_000);
}

/**
 * How long the head of a stream lives that nobody has published to: anybody who may subscribe can
 * begin one. Head checks keep it while somebody listens (`keepUnusedHead`).
 */
export const unusedHeadMs = 10 * 60_000;

/** Keeps the head of a stream nobody has published to; its entry was just read. */
export async function keepUnusedHead(
  kv: Deno.Kv,
  entry: Deno.KvEntry<StreamPosition>,
): Promise<void> {
  const { key, value, versionstamp } = entry;
  const atomic = kv.atomic().check({ key, versionstamp });
  await retryLocked(() => atomic.set(key, value, { expireIn: unusedHeadMs }).commit());
}

/** The head and its versionstamp; a stream that is not there is begun. */
export async function readHead(
  kv: Deno.Kv,
  channel: string,
): Promise<{ head: StreamPosition; versionstamp: string }> {
  const key = keys.head(channel);
  while (true) {
    const entry = await kv.get<StreamPosition>(key);
    if (entry.value !== null) return { head: entry.value, versionstamp: entry.versionstamp };
    const head = { epoch: newEpoch(), offset: 0 };
    const begun = await retryLocked(() =>
      kv.atomic().check(entry).set(key, head, { expireIn: unusedHeadMs }).commit()
    );
    if (begun.ok) return { head, versionstamp: begun.versionstamp };
  }
}

export async function readHistory(
  kv: Deno.Kv,
  channel: string,
  query: HistoryQuery,
  now: number,
): Promise<HistoryPage> {
  const { head } = await readHead(kv, channel);
  const { since, limit } = query;
  if (since !== undefined) {
    const beyond = since.offset > head.offset && !query.reverse;
    if (beyond || !sameEpoch(since.epoch, head.epoch)) {
      return { publications: [], position: head, reachable: false };
    }
    if (since.offset === head.offset && !query.reverse) {
      return { publications: [], position: head, reachable: true };
    }
  }
  // One is needed to see whether the log still reaches back, even if none is asked for.
  const wanted = since === undefined ? limit : Math.max(1, limit);
  const read = await readRows(kv, channel, head, query, wanted, now);
  const first = read[0]?.position?.offset;
  const reachable = since === undefined || query.reverse === true || first === since.offset + 1;
  const last = query.reverse ? undefined : read.at(-1)?.position;
  return {
    publications: read.slice(0, limit),
    position: last && last.offset > head.offset ? last : head,
    reachable,
  };
}

async function readRows(
  kv: Deno.Kv,
  channel: string,
  head: StreamPosition,
  query: HistoryQuery,
  wanted: number,
  now: number,
): Promise<Publication[]> {
  if (wanted === 0) return [];
  const reverse = query.reverse === true;
  const oldest = now - query.retention.ttlMs;
  const firstKept = Math.max(1, head.offset - query.retention.size + 1);
  const from = reverse ? firstKept : Math.max(firstKept, (query.since?.offset ?? 0) + 1);
  const until = reverse ? (query.since?.offset ?? Infinity) : Infinity;
  const publications: Publication[] = [];
  let room = query.maxLength ?? Infinity;
  const start = keys.rowFrom(channel, head.epoch, from);
  const end = keys.rowFrom(channel, head.epoch, Infinity);
  const entries = kv.list<Uint8Array>({ start, end }, { reverse, batchSize: wanted === 1 ? 1 : 6 });
  for await (const row of joinedRows(entries, reverse)) {
    const found = fromRow(channel, head.epoch, row.last, row.bytes);
    if (reverse) found.reverse();
    for (const one of found) {
      const offset = one.position?.offset ?? 0;
      if (one.time < oldest || offset < from || offset >= until) continue;
      room -= one.body.length;
      if (room < 0 && publications.length > 0) return publications;
      publications.push(one);
      if (publications.length >= wanted) return publications;
    }
  }
  return publications;
}

/** Joins the parts of a row; they follow one another, in falling order when read in reverse. */
async function* joinedRows(
  entries: AsyncIterable<Deno.KvEntry<Uint8Array>>,
  reverse: boolean,
): AsyncGenerator<{ last: number; bytes: Uint8Array }> {
  let last: number | undefined;
  let parts: Uint8Array[] = [];
  for await (const { key, value } of entries) {
    const of = Number(key[4]);
    if (last !== undefined && of !== last) {
      yield { last, bytes: concat(parts) };
      parts = [];
    }
    last = of;
    if (reverse) parts.unshift(value);
    else parts.push(value);
  }
  if (last !== undefined) yield { last, bytes: concat(parts) };
}

function concat(parts: Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

/**
 * Deletes rows that hold nothing of the newest `size` publications. Age needs no help: rows are
 * written with an expiry.
 */
export async function trim(
  kv: Deno.Kv,
  channel: string,
  head: StreamPosition,
  size: number,
): Promise<void> {
  const end = keys.rowFrom(channel, head.epoch, head.offset - size + 1);
  const rows = kv.list({ prefix: keys.rowFrom(channel, head.epoch, 0).slice(0, 4), end }, {
    batchSize: 64,
  });
  let batch: Deno.KvKey[] = [];
  const drop = async () => {
    const doomed = batch;
    batch = [];
    await retryLocked(() => {
      const atomic = kv.atomic();
      for (const key of doomed) atomic.delete(key);
      return atomic.commit();
    });
  };
  for await (const { key } of rows) {
    batch.push(key);
    if (batch.length >= 500) await drop();
  }
  if (batch.length > 0) await drop();
}
