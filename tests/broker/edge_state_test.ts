/** State channels of the `edge:` broker as they lie in the store. */
import assert from "node:assert/strict";
import { edgeBroker } from "../../lib/broker/edge/edge.ts";
import { entryLifetimeMs, untilOf } from "../../lib/broker/edge/head.ts";
import { keys } from "../../lib/broker/edge/keys.ts";
import { keyedDefaults } from "../../lib/channels.ts";
import { openEdge } from "./edge_engine.ts";
import { range, TestNode } from "./engine.ts";
import { apply, sorted, StateChannel } from "./state_channel.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

async function rowsUnder(kv: Deno.Kv, prefix: Deno.KvKey): Promise<Deno.KvKey[]> {
  const rows: Deno.KvKey[] = [];
  for await (const { key } of kv.list({ prefix })) rows.push(key);
  return rows;
}

Deno.test("edge state: rows outlive a key's time and its channel's life by far, or stay", () => {
  const retention = { size: 10, ttlMs: minute };
  const stays = keyedDefaults;
  const ends = { ...keyedDefaults, ttlMs: 7 * day };
  assert.equal(entryLifetimeMs(retention, stays), undefined);
  assert.equal(untilOf(1_000, retention, stays), null);
  assert.equal(entryLifetimeMs(retention, ends), 8 * day + 60 * minute);
  assert.equal(untilOf(1_000, retention, ends), 1_000 + 8 * day);
});

Deno.test("edge state: a channel in use lives on, as the keys whose time is over are removed", async () => {
  await using engine = await openEdge();
  const channel = new StateChannel("a", { keyed: { ttlMs: minute } });
  const reader = await engine.node();
  const { position } = await channel.put(reader, "k0", 0);
  for (const round of range(1, 4)) {
    engine.advance?.(13 * 60 * minute);
    const node = await engine.node();
    await channel.put(node, `k${round}`, round);
    // Its end waits for what it has begun.
    await node.broker[Symbol.asyncDispose]();
    assert.deepEqual(node.errors.all, []);
  }
  const page = await channel.page(reader, { withExpired: true });
  assert.deepEqual(page.position, { epoch: position?.epoch, offset: 9 });
  assert.deepEqual([page.entries.map(({ key }) => key), page.keys], [["k4"], 1]);
});

Deno.test("edge state: a channel left alone is over before the first of its keys vanishes", async () => {
  await using engine = await openEdge();
  const node = await engine.node();
  const channel = new StateChannel("a", { keyed: { ttlMs: 7 * day } });
  await channel.put(node, "old", 1);
  engine.advance?.(6 * day);
  const { position } = await channel.put(node, "new", 2);
  engine.advance?.(2 * day - 1_000);
  assert.equal((await channel.page(node, { withExpired: true })).entries.length, 2);
  engine.advance?.(1_000);
  const after = await channel.put(node, "new", 3, { exists: false });
  assert.notEqual(after.position?.epoch, position?.epoch);
  assert.equal(await channel.since(node, position ?? { epoch: "", offset: 0 }), null);
  assert.equal((await channel.page(node, { withExpired: true })).keys, 1);
});

Deno.test("edge state: a value takes the rows it needs, and leaves none behind", async () => {
  await using engine = await openEdge();
  const node = await engine.node();
  const channel = new StateChannel("a");
  const rows = async () => (await rowsUnder(engine.kv, keys.states("a"))).map((key) => key[5]);
  await channel.put(node, "x", "y".repeat(65_000));
  assert.deepEqual(await rows(), [0, 1]);
  await channel.put(node, "x", "small");
  assert.deepEqual(await rows(), [0]);
  await channel.put(await engine.node(), "x", "y".repeat(65_000));
  await channel.remove(await engine.node(), "x");
  assert.deepEqual(await rows(), []);
});

Deno.test("edge state: what is cleared is deleted, with what a crash had left", async () => {
  await using engine = await openEdge();
  const node = await engine.node();
  const channel = new StateChannel("a");
  await Promise.all(range(1, 1_200).map((n) => channel.put(node, `k${n}`, n)));
  await engine.forget("a");
  await channel.put(await engine.node(), "x", 1);
  await node.broker.clear("a");
  await channel.put(node, "y", 2);
  await node.broker[Symbol.asyncDispose]();
  assert.equal((await rowsUnder(engine.kv, keys.states("a"))).length, 1);
  assert.equal((await rowsUnder(engine.kv, keys.logs("a"))).length, 1);
  assert.deepEqual(node.errors.all, []);
});

Deno.test("edge state: many keys at once stay within what one commit may hold", async () => {
  await using engine = await openEdge();
  const node = await engine.node();
  const [plain, large] = [new StateChannel(`a${"ộ".repeat(84)}`), new StateChannel("b")];
  const name = (n: number) => `${n}`.padEnd(255, "日");
  const before = engine.watched().commits;
  await Promise.all(range(1, 600).map((n) => plain.put(node, name(n), n)));
  assert.ok(engine.watched().commits - before < 20);
  await Promise.all(range(1, 200).map((n) => large.put(node, `k${n}`, "x".repeat(64_000))));
  await Promise.all([
    ...range(1, 200).map((n) => large.put(node, `k${n}`, n)),
    ...range(1, 600).map((n) => plain.remove(node, name(n))),
  ]);
  assert.equal((await plain.page(node)).keys, 0);
  const page = await large.page(node);
  assert.deepEqual([page.keys, page.entries.length], [200, 200]);
  assert.equal((await rowsUnder(engine.kv, keys.states("b"))).length, 200);
});

Deno.test("edge state: a writer that is killed leaves state and stream alike", async () => {
  await using engine = await openEdge();
  const reader = await engine.node();
  const channel = new StateChannel("killed", { retention: { size: 1e6, ttlMs: 60 * minute } });
  for (const seed of range(1, 3)) {
    const acknowledged = await killAfter(40 * seed, engine.path, seed);
    const snapshot = await channel.pages(reader, { limit: 7 });
    const stream = await channel.since(reader, { ...snapshot.position, offset: 0 }) ?? [];
    assert.deepEqual(stream.map(({ position }) => position?.offset), range(1, stream.length));
    assert.ok(acknowledged.every((offset) => offset <= stream.length));
    assert.equal(snapshot.position.offset, stream.length);
    assert.equal(snapshot.keys, snapshot.entries.length);
    assert.deepEqual(
      sorted(apply(new Map(), snapshot.entries)),
      sorted(apply(new Map(), stream)),
    );
  }
});

/** The offsets that a writer was told before it was killed, `count` at least. */
async function killAfter(count: number, database: string, seed: number): Promise<number[]> {
  const writer = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      new URL("kill_writer.ts", import.meta.url).pathname,
      database,
      String(seed),
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const offsets: number[] = [];
  let killed = false;
  let rest = "";
  for await (const text of writer.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    offsets.push(...lines.map(Number));
    if (killed || offsets.length < count) continue;
    killed = true;
    writer.kill("SIGKILL");
  }
  assert.equal((await writer.status).signal, "SIGKILL");
  return offsets;
}

Deno.test("edge state: a node whose store goes away in the midst leaves state and stream alike", async () => {
  await using engine = await openEdge();
  const reader = await engine.node();
  const channel = new StateChannel("a");
  const own = await Deno.openKv(engine.path);
  const bus = { onmessage: null, postMessage() {}, close() {} };
  const node = new TestNode("lost", (context) => edgeBroker(context, { kv: own, bus }));
  const writing = range(1, 2_000).map((n) => channel.put(node, `k${n % 50}`, n));
  await writing[0];
  own.close();
  const settled = await Promise.allSettled(writing);
  const kept = settled.filter(({ status }) => status === "fulfilled").length;
  const snapshot = await channel.pages(reader);
  const stream = await channel.since(reader, { epoch: "", offset: 0 }) ?? [];
  await node.broker[Symbol.asyncDispose]();
  assert.ok(kept > 0 && kept <= stream.length);
  assert.equal(snapshot.keys, snapshot.entries.length);
  assert.deepEqual(
    sorted(apply(new Map(), snapshot.entries)),
    sorted(apply(new Map(), stream)),
  );
});
