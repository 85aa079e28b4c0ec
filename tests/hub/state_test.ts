import assert from "node:assert/strict";
import { type Keyed, keyedDefaults } from "../../lib/channels.ts";
import { ChannelState } from "../../lib/hub/state.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { range } from "../broker/engine.ts";
import { turn } from "../broker/waiting.ts";
import { VirtualTime } from "../support/virtual_time.ts";
import { KeyedLog, told } from "./keyed_fakes.ts";

const retention = { size: 1_000, ttlMs: 3_600_000 };

function bench(keys = 0, rules: Partial<Keyed> = {}) {
  const log = new KeyedLog();
  for (const n of range(1, keys)) log.put(`k${n}`, { score: -n });
  const errors: string[] = [];
  const keyed = { ...keyedDefaults, ...rules };
  const state = new ChannelState("a", retention, keyed, {
    broker: log,
    onError: (error, stage) => void errors.push(`${stage}: ${error}`),
  });
  const load = async () => {
    const whole = await state.read();
    state.load(whole);
    return whole.position;
  };
  return { log, state, errors, load };
}

const keysOf = ({ entries }: { entries: readonly { key?: string }[] }) =>
  entries.map(({ key }) => key);

Deno.test("state: is read page by page, as it was at the first one", async () => {
  const { log, state, load } = bench(25);
  log.pageSize = 10;
  let pages = 0;
  log.beforePage = () => {
    // What changes meanwhile is left to the stream.
    if (++pages === 2) log.put("k99");
  };
  assert.deepEqual(await load(), { epoch: "e1", offset: 25 });
  assert.deepEqual(
    keysOf({ entries: [...state.mirror.entries()] }),
    range(1, 25).map((n) => `k${n}`),
  );
});

Deno.test("state: is read anew when its stream began anew in between", async () => {
  const { log, state, load } = bench(3);
  log.stateFailures.push(new ProtocolError("unrecoverablePosition"));
  log.beforePage = () => {
    if (log.stateReads !== 2) return;
    log.beginAnew("e2");
    log.put("new");
  };
  assert.deepEqual(await load(), { epoch: "e2", offset: 1 });
  assert.deepEqual(keysOf({ entries: [...state.mirror.entries()] }), ["new"]);
});

Deno.test("state: gives up when it cannot be read, and says why", async () => {
  const { log, state } = bench(3);
  log.stateFailures.push(new Error("away"));
  await assert.rejects(state.read(), /away/);
  for (const _ of range(1, 20)) log.stateFailures.push(new ProtocolError("unrecoverablePosition"));
  await assert.rejects(state.read(), { code: 112 });
});

Deno.test("state: newcomers share a snapshot until much has changed", async () => {
  const { log, state, load } = bench(100);
  const position = await load();
  const first = state.snapshot(position);
  state.apply(range(1, 200).map((n) => log.put(`k${n % 50}`)));
  assert.equal(state.snapshot(log.head), first);
  assert.deepEqual(first.position, position);
  state.apply([log.put("k1")]);
  const second = state.snapshot(log.head);
  assert.notEqual(second, first);
  assert.deepEqual(second.position, log.head);
  assert.equal(state.snapshot(log.head), second);
});

Deno.test("state: no snapshot of a life that is over is given", async () => {
  const { log, state, load } = bench(5);
  const first = state.snapshot(await load());
  log.beginAnew("e2");
  log.put("new");
  const position = await load();
  const second = state.snapshot(position);
  assert.notEqual(second, first);
  assert.deepEqual(second.chunks.flatMap(keysOf), ["new"]);
});

Deno.test("state: a snapshot is sorted by key, or by score and key", async () => {
  const byKey = bench(11);
  const sorted = range(1, 11).map((n) => `k${n}`).sort();
  const position = await byKey.load();
  assert.deepEqual(byKey.state.snapshot(position).chunks.flatMap(keysOf), sorted);
  const byScore = bench(11, { order: "score" });
  byScore.log.put("a", { score: -5 });
  const at = await byScore.load();
  const expected = range(1, 11).map((n) => `k${n}`).reverse();
  expected.splice(6, 0, "a");
  assert.deepEqual(byScore.state.snapshot(at).chunks.flatMap(keysOf), expected);
});

Deno.test("state: the rest of a snapshot is what follows and has not changed", async () => {
  const { log, state, load } = bench(9);
  const position = await load();
  state.apply([log.put("k7"), log.remove("k8"), log.put("k85")]);
  const rest = state.rest(position, { score: 0, key: "k4" });
  assert.deepEqual(rest.chunks.flatMap(keysOf), ["k5", "k6", "k9"]);
  assert.deepEqual(rest.position, position);
  assert.deepEqual(state.rest(position, { score: 0, key: "k9" }).chunks.flatMap(keysOf), []);
});

Deno.test("state: the rest of one by score goes on at the same score", async () => {
  const { log, state, load } = bench(0, { order: "score" });
  for (const [key, score] of [["a", 2], ["b", 1], ["c", 1], ["d", 1], ["e", 0]] as const) {
    log.put(key, { score });
  }
  const rest = state.rest(await load(), { score: 1, key: "c" });
  assert.deepEqual(rest.chunks.flatMap(keysOf), ["d", "a"]);
});

Deno.test("state: a key whose time is over is removed only as the one that is overdue", async () => {
  using time = new VirtualTime(Date.UTC(2030, 0));
  const { log, state, load } = bench(0, { ttlMs: 5_000 });
  log.put("a", { time: Date.now() });
  await load();
  await state.startExpiry();
  state.apply([log.put("b", { time: Date.now() + 3_000 })]);
  const until = time.now + 5_300;
  while (time.step(until - time.now)) await turn();
  assert.ok(log.published.length > 0);
  for (const { draft, options } of log.published) {
    assert.deepEqual(draft, { data: "null", key: "a", removed: true });
    assert.deepEqual(options.condition, { offset: 1 });
  }
  state.close();
});

Deno.test("state: nothing is removed where keys live for ever", async () => {
  const { log, state, load } = bench(3);
  await load();
  await state.startExpiry();
  assert.deepEqual(log.published, []);
  assert.deepEqual(told([...state.mirror.entries()]), ["k1@1", "k2@2", "k3@3"]);
});
