/**
 * Where the `edge:` broker keeps what, the same on a laptop (SQLite) and on Deploy.
 *
 *     ["nhip", "head", channel]                    → where the channel is (head.ts)
 *     ["nhip", "log", channel, epoch, last, part]  → a row of the stream (segment.ts)
 *     ["nhip", "state", channel, epoch, key, part] → the latest of a key (state_row.ts)
 *     ["nhip", "once", channel, key]               → what an idempotency key published (once.ts)
 *     ["nhip", "lease", name]                      → who holds it (lease.ts)
 */
import type { Row } from "./segment.ts";

export const keys = {
  head: (channel: string): Deno.KvKey => ["nhip", "head", channel],
  /** The logs of all lives of a channel. */
  logs: (channel: string): Deno.KvKey => ["nhip", "log", channel],
  row: (channel: string, epoch: string, { last, part }: Row): Deno.KvKey => [
    "nhip",
    "log",
    channel,
    epoch,
    last,
    part,
  ],
  /** From the row that holds `offset` on. */
  rowFrom: (channel: string, epoch: string, offset: number): Deno.KvKey => [
    "nhip",
    "log",
    channel,
    epoch,
    offset,
  ],
  /** The states of all lives of a channel. */
  states: (channel: string): Deno.KvKey => ["nhip", "state", channel],
  state: (channel: string, epoch: string): Deno.KvKey => ["nhip", "state", channel, epoch],
  /** `part` Infinity: behind all parts of the key. */
  entry: (channel: string, epoch: string, key: string, part: number): Deno.KvKey => [
    "nhip",
    "state",
    channel,
    epoch,
    key,
    part,
  ],
  once: (channel: string, key: string): Deno.KvKey => ["nhip", "once", channel, key],
  lease: (name: string): Deno.KvKey => ["nhip", "lease", name],
  bell: ["nhip", "bell"] as Deno.KvKey,
};
