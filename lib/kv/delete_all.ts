import { retryLocked } from "./retry.ts";

/** Half of what one commit may hold; keys of 1 KiB fit as well. */
const batch = 500;

/** Deletes the entries' keys, in commits of a bounded size. */
export async function deleteAll(
  kv: Deno.Kv,
  entries: AsyncIterable<{ readonly key: Deno.KvKey }>,
): Promise<void> {
  let doomed: Deno.KvKey[] = [];
  const commit = async (keys: readonly Deno.KvKey[]) => {
    await retryLocked(() => {
      const atomic = kv.atomic();
      for (const key of keys) atomic.delete(key);
      return atomic.commit();
    });
  };
  for await (const { key } of entries) {
    doomed.push(key);
    if (doomed.length < batch) continue;
    await commit(doomed);
    doomed = [];
  }
  if (doomed.length > 0) await commit(doomed);
}
