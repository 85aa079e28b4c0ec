/** The log of the `edge:` broker as it lies in the store. */
import assert from "node:assert/strict";
import { keys } from "../../lib/broker/edge/keys.ts";
import { openEdge } from "./edge_engine.ts";
import { dataOf, keep, offsetsOf, range } from "./engine.ts";
import { turn } from "./waiting.ts";

async function rowsOf(kv: Deno.Kv, channel: string): Promise<Deno.KvKey[]> {
  const rows: Deno.KvKey[] = [];
  for await (const { key } of kv.list({ prefix: ["nhip", "log", channel] })) rows.push(key);
  return rows;
}

const size = 64 * 1024;
const payloads: [string, string][] = [
  ["64 KiB of one-byte characters", "x".repeat(size - 2)],
  ["64 KiB of two-byte characters", "đ".repeat(size / 2 - 1)],
  ["64 KiB of three-byte characters", "日".repeat(21_844) + "xx"],
  ["64 KiB of four-byte characters", "🛵".repeat(size / 4 - 1) + "xx"],
  ["characters across the cuts of rows", "xđ日🛵".repeat(6_000)],
];
for (const [what, text] of payloads) {
  Deno.test(`edge log: keeps ${what}, several in one commit`, async () => {
    await using engine = await openEdge();
    const node = await engine.node();
    const texts = [text, "small", text, `${text.slice(0, 20_000)}!`, text];
    await Promise.all(texts.map((one) => node.publish("a", one)));
    const fresh = await engine.node();
    const page = await fresh.broker.history("a", { retention: keep, limit: 9 });
    assert.ok(dataOf(page.publications).every((one, i) => one === texts[i]));
    assert.deepEqual(offsetsOf(page.publications), range(1, 5));
    const reverse = await fresh.broker.history("a", { retention: keep, limit: 9, reverse: true });
    assert.deepEqual(reverse.publications, page.publications.toReversed());
    const since = { ...page.position, offset: 2 };
    const rest = await fresh.broker.history("a", { retention: keep, limit: 2, since });
    assert.deepEqual(rest.publications, page.publications.slice(2, 4));
  });
}

Deno.test("edge log: many that come at once go in few commits", async () => {
  await using engine = await openEdge();
  const node = await engine.node();
  await node.publish("a", 0);
  const before = engine.watched().commits;
  await Promise.all(range(1, 1_000).map((n) => node.publish("a", n)));
  const commits = engine.watched().commits - before;
  assert.ok(commits <= 4, `${commits} commits for 1,000 publications`);
  assert.ok((await rowsOf(engine.kv, "a")).length < 20);
});

Deno.test("edge log: a commit stays within the store's limits whatever its publications carry", async () => {
  await using engine = await openEdge();
  const node = await engine.node();
  const tags = Object.fromEntries(range(1, 16).map((n) => [`tag${n}`, "ộ".repeat(256)]));
  const info = { user: "u", client: "c", conn_info: "x".repeat(4_000) };
  const sent = range(1, 300).map((n) => node.publish("a", n, { tags, info }));
  const keyed = range(1, 150).map((n) =>
    node.publish(`b${n}`, "x".repeat(60_000), { idempotency: { key: `${n}`, ttlMs: 60_000 } })
  );
  assert.deepEqual((await Promise.all(sent)).at(-1)?.position?.offset, 300);
  assert.ok((await Promise.all(keyed)).every(({ position }) => position?.offset === 1));
});

Deno.test("edge log: a head another node has moved is read again", async () => {
  await using engine = await openEdge();
  const one = await engine.node();
  const store = engine.watched();
  const other = await engine.node();
  await one.publish("a", 1);
  await other.publish("a", 2);
  const before = store.commits;
  assert.equal((await one.publish("a", 3)).position?.offset, 3);
  assert.equal(store.commits - before, 2);
  const page = await other.broker.history("a", { retention: keep, limit: 9 });
  assert.deepEqual(dataOf(page.publications), [1, 2, 3]);
});

Deno.test("edge log: a database that is locked is tried again", async () => {
  await using engine = await openEdge();
  const node = await engine.node();
  await node.publish("a", 1);
  const store = engine.watched();
  store.failure = new Error("database is locked");
  const second = node.publish("a", 2);
  while (store.failed < 4) await turn();
  store.failure = undefined;
  assert.equal((await second).position?.offset, 2);
  assert.deepEqual(node.errors.all, []);
});

Deno.test("edge log: a node that knew a head which is gone begins a new epoch", async () => {
  await using engine = await openEdge();
  const node = await engine.node();
  await node.broker.subscribe("a", keep);
  const before = await node.publish("a", 1);
  await engine.forget("a");
  const after = await node.publish("a", 2);
  assert.notEqual(after.position?.epoch, before.position?.epoch);
  assert.equal(after.position?.offset, 1);
  const since = before.position ?? { epoch: "", offset: 0 };
  const page = await node.broker.history("a", { retention: keep, limit: 9, since });
  assert.equal(page.reachable, false);
  const all = await node.broker.history("a", { retention: keep, limit: 9 });
  assert.deepEqual(dataOf(all.publications), [2]);
});

Deno.test("edge log: what is trimmed is deleted from the store", async () => {
  await using engine = await openEdge();
  const node = await engine.node();
  const retention = { size: 20, ttlMs: 3_600_000 };
  for (const n of range(1, 200)) await node.publish("a", n, { retention });
  await node.broker[Symbol.asyncDispose]();
  const rows = await rowsOf(engine.kv, "a");
  // A quarter more than `size`, and a few, may wait to be trimmed in one go.
  assert.ok(rows.length >= 20 && rows.length <= 20 + 5 + 16, `${rows.length} rows`);
  assert.equal(rows.at(-1)?.[4], 200);
});

Deno.test("edge log: a node that starts on a long log trims that, too", async () => {
  await using engine = await openEdge();
  const first = await engine.node();
  for (const n of range(1, 100)) await first.publish("a", n);
  const second = await engine.node();
  await second.publish("a", 101, { retention: { size: 10, ttlMs: 3_600_000 } });
  await second.broker[Symbol.asyncDispose]();
  assert.deepEqual((await rowsOf(engine.kv, "a")).map((key) => key[4]), range(92, 101));
});

Deno.test("edge log: its end waits for what is under way", async () => {
  await using engine = await openEdge();
  const node = await engine.node();
  const published = range(1, 50).map((n) => node.publish("a", n));
  await node.broker[Symbol.asyncDispose]();
  const entry = await engine.kv.get(keys.head("a"));
  assert.deepEqual(entry.value, (await published.at(-1))?.position);
});
