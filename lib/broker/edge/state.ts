/** Reading the state of a channel from its rows. */
import { ProtocolError } from "../../protocol/errors.ts";
import type { Publication, StreamPosition } from "../../protocol/publication.ts";
import type { StatePage, StateQuery } from "../broker.ts";
import { belongs, cursorAt, frozenAt, placeAfter, statePage } from "../state_page.ts";
import { readHead } from "./head.ts";
import { keys } from "./keys.ts";
import { readEntry, readPublication, type StoredEntry } from "./state_row.ts";

/** Keys of one read, the store's limit. */
const keysPerRead = 10;
/** Values of at most 64 KiB that are held at once. */
const maxBatch = 200;
const maxAttempts = 10;

/** What is there of the keys; null: nothing. */
export async function readEntries(
  kv: Deno.Kv,
  channel: string,
  epoch: string,
  asked: readonly string[],
): Promise<Map<string, StoredEntry | null>> {
  const found = new Map<string, StoredEntry | null>();
  const reads: Promise<void>[] = [];
  for (let at = 0; at < asked.length; at += keysPerRead) {
    const some = asked.slice(at, at + keysPerRead);
    const rows = some.map((key) => keys.entry(channel, epoch, key, 0));
    reads.push(
      kv.getMany<Uint8Array[]>(rows).then((entries) => {
        for (const [i, { value }] of entries.entries()) {
          const key = some[i];
          if (key !== undefined) found.set(key, value && readEntry(value));
        }
      }),
    );
  }
  await Promise.all(reads);
  return found;
}

/**
 * The head is read before the rows: what is newer than it was changed since and is left to the
 * stream. The rows are those of the whole snapshot if the epoch is still the same after it.
 */
export async function readState(
  kv: Deno.Kv,
  channel: string,
  query: StateQuery,
  now: number,
): Promise<StatePage> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const { position: head, fill } = await readHead(kv, channel, now);
    const position = frozenAt(query, head);
    const page = query.order === "score" || query.key !== undefined
      ? await sortedPage(kv, channel, query, head, now)
      : await keyPage(kv, channel, query, position, now);
    if (query.limit === 0) return { ...page, position, keys: fill.keys };
    const after = await readHead(kv, channel, now);
    if (after.position.epoch === position.epoch) {
      return { ...page, position, keys: after.fill.keys };
    }
  }
  throw new ProtocolError("unrecoverablePosition");
}

type Page = Pick<StatePage, "entries" | "cursor">;

/** Reads all of it, or all of one key. */
async function sortedPage(
  kv: Deno.Kv,
  channel: string,
  query: StateQuery,
  head: StreamPosition,
  now: number,
): Promise<Page> {
  const all: Publication[] = [];
  const { epoch } = head;
  const whole = keys.state(channel, epoch);
  const prefix = query.key === undefined ? whole : [...whole, query.key];
  if (query.limit > 0) {
    const position = frozenAt(query, head);
    const how = { reverse: false, batchSize: maxBatch };
    for await (const one of readRows(kv, channel, epoch, { prefix }, how)) {
      if (belongs(one, query, position, now)) all.push(one);
    }
  }
  return statePage(all, query, head, 0, now);
}

/** Reads no more than the page, which begins where the one before ended. */
async function keyPage(
  kv: Deno.Kv,
  channel: string,
  query: StateQuery,
  position: StreamPosition,
  now: number,
): Promise<Page> {
  const { limit, maxLength = Infinity, descending = false } = query;
  const after = placeAfter(query);
  const entries: Publication[] = [];
  if (limit === 0) return { entries, cursor: null };
  const { epoch } = position;
  const prefix = keys.state(channel, epoch);
  const within = after === null
    ? { prefix }
    : descending
    ? { prefix, end: keys.entry(channel, epoch, after.key, -1) }
    : { prefix, start: keys.entry(channel, epoch, after.key, Infinity) };
  const how = { reverse: descending, batchSize: Math.min(limit + 1, maxBatch) };
  let length = 0;
  for await (const one of readRows(kv, channel, epoch, within, how)) {
    if (!belongs(one, query, position, now)) continue;
    length += one.body.length;
    if (entries.length >= limit || (length > maxLength && entries.length > 0)) {
      return { entries, cursor: cursorAt(entries.at(-1), query) };
    }
    entries.push(one);
  }
  return { entries, cursor: null };
}

/** One publication a key, in the order of the keys; torn ones, which were changed since, left out. */
export async function* readRows(
  kv: Deno.Kv,
  channel: string,
  epoch: string,
  within: Deno.KvListSelector,
  { reverse, batchSize }: { readonly reverse: boolean; readonly batchSize: number },
): AsyncGenerator<Publication> {
  let key: unknown;
  let values: { part: number; bytes: Uint8Array }[] = [];
  for await (const row of kv.list<Uint8Array>(within, { reverse, batchSize })) {
    if (row.key[4] !== key && values.length > 0) {
      const whole = readPublication(channel, epoch, values);
      if (whole !== null) yield whole;
      values = [];
    }
    key = row.key[4];
    const value = { part: Number(row.key[5]), bytes: row.value };
    if (reverse) values.unshift(value);
    else values.push(value);
  }
  const whole = readPublication(channel, epoch, values);
  if (whole !== null) yield whole;
}
