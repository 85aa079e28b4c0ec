/** The end of a stream's life, state and all. */
import { deleteAll } from "../../kv/delete_all.ts";
import { retryLocked } from "../../kv/retry.ts";
import type { StreamPosition } from "../../protocol/publication.ts";
import { newEpoch } from "../broker.ts";
import { type HeadRow, unusedHeadMs } from "./head.ts";
import { keys } from "./keys.ts";

export interface Cleared {
  /** Where the next life begins. */
  readonly position: StreamPosition;
  /** Lives whose rows nobody reads any more: the last one, and those that a crash left behind. */
  readonly over: readonly Deno.KvKey[];
}

/** null: there was no stream. */
export async function beginAnew(kv: Deno.Kv, channel: string): Promise<Cleared | null> {
  while (true) {
    const head = await kv.get<HeadRow>(keys.head(channel));
    if (head.value === null) return null;
    // Listed while this head stands: the rows of a life that begins later are not among them.
    const over = [...await lives(kv, keys.logs(channel)), ...await lives(kv, keys.states(channel))];
    const position = { epoch: newEpoch(), offset: 0 };
    const begun = await retryLocked(() =>
      kv.atomic().check(head).set(head.key, position, { expireIn: unusedHeadMs }).commit()
    );
    if (begun.ok) return { position, over };
  }
}

/** Deletes the rows of lives that are over. */
export async function sweep(kv: Deno.Kv, over: readonly Deno.KvKey[]): Promise<void> {
  for (const prefix of over) await deleteAll(kv, kv.list({ prefix }, { batchSize: 100 }));
}

async function lives(kv: Deno.Kv, prefix: Deno.KvKey): Promise<Deno.KvKey[]> {
  const found: Deno.KvKey[] = [];
  let within: Deno.KvListSelector = { prefix };
  while (true) {
    const first: IteratorResult<Deno.KvEntry<unknown>> = await kv.list(within, { limit: 1 }).next();
    if (first.done) return found;
    const epoch: string = String(first.value.key[prefix.length]);
    found.push([...prefix, epoch]);
    // The first epoch behind this one.
    within = { prefix, start: [...prefix, `${epoch}\0`] };
  }
}
