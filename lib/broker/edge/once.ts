/**
 * Idempotency keys of the log: a key, once used on a channel, stands for what it published until
 * its time is over. The store drops expired entries when it likes, so each says when that is.
 */
import type { StreamPosition } from "../../protocol/publication.ts";
import type { Published } from "../broker.ts";
import { keys } from "./keys.ts";

export interface MayRepeat {
  readonly channel: string;
  readonly idempotency?: { readonly key: string; readonly ttlMs: number };
}

interface Entry {
  readonly position: StreamPosition | null;
  /** Unix milliseconds. */
  readonly until: number;
}

/** What the store says of a key: what it published before, if that still counts. */
export interface Used {
  readonly before: Published | undefined;
  readonly versionstamp: string | null;
}

/** Keys of one read, the store's limit. */
const keysPerRead = 10;

export function usedId({ channel, idempotency }: MayRepeat): string {
  return `${channel}\n${idempotency?.key ?? ""}`;
}

/** By `usedId`, for those that have a key. */
export async function lookUpUsed(
  kv: Deno.Kv,
  all: readonly MayRepeat[],
  now: number,
): Promise<Map<string, Used>> {
  const used = new Map<string, Used>();
  const asked = all.filter(({ idempotency }) => idempotency !== undefined);
  for (let at = 0; at < asked.length; at += keysPerRead) {
    const some = asked.slice(at, at + keysPerRead);
    const entries = await kv.getMany<Entry[]>(some.map(entryKey));
    for (const [i, { value, versionstamp }] of entries.entries()) {
      const one = some[i];
      if (one === undefined) continue;
      const counts = value !== null && value.until > now;
      const before = counts
        ? { position: value.position, suppressed: "idempotency" as const }
        : undefined;
      used.set(usedId(one), { before, versionstamp });
    }
  }
  return used;
}

/** Marks the key as used, in a commit that fails if somebody else was faster. */
export function markUsed(
  atomic: Deno.AtomicOperation,
  one: MayRepeat,
  position: StreamPosition | null,
  versionstamp: string | null,
  now: number,
): void {
  if (one.idempotency === undefined) return;
  const { ttlMs } = one.idempotency;
  const entry: Entry = { position, until: now + ttlMs };
  atomic.check({ key: entryKey(one), versionstamp }).set(entryKey(one), entry, { expireIn: ttlMs });
}

function entryKey({ channel, idempotency }: MayRepeat): Deno.KvKey {
  return keys.once(channel, idempotency?.key ?? "");
}
