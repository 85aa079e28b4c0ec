/** How many snapshots keep what was encoded of them, however long they are read. */
import assert from "node:assert/strict";
import { keyedDefaults } from "../../lib/channels.ts";
import type { Snapshot } from "../../lib/hub/snapshot.ts";
import { ChannelState } from "../../lib/hub/state.ts";
import { range } from "../broker/engine.ts";
import { KeyedLog } from "./keyed_fakes.ts";

const retention = { size: 1_000, ttlMs: 3_600_000 };

function keeps({ chunks: [chunk] }: Snapshot): boolean {
  return chunk?.block === chunk?.block;
}

async function loaded(log: KeyedLog): Promise<ChannelState> {
  const onError = (error: unknown) => assert.fail(String(error));
  const state = new ChannelState("a", retention, keyedDefaults, { broker: log, onError });
  state.load(await state.read());
  return state;
}

Deno.test("snapshot: only the newest keep what was encoded; the others give the same", async () => {
  const log = new KeyedLog();
  const state = await loaded(log);
  const held: Snapshot[] = [];
  const texts: (string | undefined)[] = [];
  for (const _ of range(1, 7)) {
    // So many changes that each newcomer needs a new one.
    state.apply(range(1, 300).map((n) => log.put(`k${n}`)));
    const snapshot = state.snapshot(log.head);
    held.push(snapshot);
    texts.push(snapshot.chunks[0]?.bodies);
  }
  assert.deepEqual(held.map(keeps), [false, false, false, true, true, true, true]);
  assert.deepEqual(held.map(({ chunks }) => chunks[0]?.bodies), texts);
  state.load(await state.read());
  assert.deepEqual(held.map(keeps), range(1, 7).map(() => false));
});

Deno.test("snapshot: what is left of one is its reader's alone, and keeps nothing", async () => {
  const log = new KeyedLog();
  for (const n of range(1, 9)) log.put(`k${n}`);
  const state = await loaded(log);
  const rest = state.rest(log.head, { score: 0, key: "k7" });
  assert.deepEqual(rest.chunks[0]?.entries.map(({ key }) => key), ["k8", "k9"]);
  assert.equal(keeps(rest), false);
});
