/** Reading and trimming the streams of the `edge:` broker. */
import { deleteAll } from "../../kv/delete_all.ts";
import type { Publication, StreamPosition } from "../../protocol/publication.ts";
import { type HistoryPage, type HistoryQuery, sameEpoch } from "../broker.ts";
import { readHead } from "./head.ts";
import { keys } from "./keys.ts";
import { concat, fromRow } from "./segment.ts";

export async function readHistory(
  kv: Deno.Kv,
  channel: string,
  query: HistoryQuery,
  now: number,
): Promise<HistoryPage> {
  const { position: head } = await readHead(kv, channel, now);
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
  await deleteAll(kv, rows);
}
