import { patiently } from "./change.ts";
import type { Page, StoreContext } from "./context.ts";

/** Which part of a list: at most `limit` items, following the place that the part before named. */
export interface PageRequest {
  readonly limit: number;
  /** The `next` of the part before this one; absent: from the beginning. */
  readonly from?: string | undefined;
}

/**
 * A part of everything under `prefix`, by the one key part below it. `next` is the key of the last
 * item given, so a list that grows meanwhile neither repeats nor skips any.
 */
export async function page<T>(
  { kv, clock }: StoreContext,
  prefix: readonly Deno.KvKeyPart[],
  { limit, from, newestFirst = false }: PageRequest & { newestFirst?: boolean },
): Promise<Page<T>> {
  const selector: Deno.KvListSelector = from === undefined
    ? { prefix: [...prefix] }
    : newestFirst
    ? { prefix: [...prefix], end: [...prefix, from] }
    // A string with a zero added is the very next one.
    : { prefix: [...prefix], start: [...prefix, `${from}\0`] };
  const entries = await patiently(
    clock,
    () => Array.fromAsync(kv.list<T>(selector, { limit: limit + 1, reverse: newestFirst })),
  );
  const given = entries.slice(0, limit);
  const last = given.at(-1)?.key.at(-1);
  return {
    items: given.map((entry) => entry.value),
    next: entries.length > limit && last !== undefined ? String(last) : null,
  };
}
