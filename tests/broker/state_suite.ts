/** What every broker does for state channels. */
import assert from "node:assert/strict";
import { dataOf, type Engine, type EngineKind, keep, offsetsOf, range } from "./engine.ts";
import { keysOf, StateChannel } from "./state_channel.ts";

export function stateSuite({ name, open }: EngineKind): void {
  const test = (what: string, run: (engine: Engine) => Promise<void>) =>
    Deno.test(`${name} state: ${what}`, async () => {
      await using engine = await open();
      await run(engine);
    });

  test("has the latest of each key, at the position of the stream", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    await node.broker.subscribe("a", keep);
    await channel.put(node, "x", 1);
    await channel.put(node, "y", 2, { tags: { t: "1" }, score: 7 });
    const last = await channel.put(node, "x", 3);
    const page = await channel.page(node);
    assert.deepEqual(page.position, last.position);
    assert.equal(page.keys, 2);
    assert.equal(page.cursor, null);
    assert.deepEqual(keysOf(page.entries), ["x", "y"]);
    assert.deepEqual(dataOf(page.entries), [3, 2]);
    assert.deepEqual(offsetsOf(page.entries), [3, 2]);
    const stream = await channel.since(node, { epoch: "", offset: 0 });
    assert.deepEqual(stream?.slice(1), page.entries.toReversed());
    assert.deepEqual(await node.delivered.count(3), stream);
    assert.deepEqual(page.entries[1]?.tags, { t: "1" });
    assert.equal(page.entries[1]?.score, 7);
    const one = await channel.page(node, { key: "y" });
    assert.deepEqual(one.entries, page.entries.slice(1));
    assert.deepEqual((await channel.page(node, { key: "z" })).entries, []);
  });

  test("begins with nothing, and tells only the position at limit 0", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    const empty = await channel.page(node);
    assert.deepEqual(empty.entries, []);
    assert.equal(empty.position.offset, 0);
    assert.equal(empty.keys, 0);
    const { position } = await channel.put(node, "x", 1);
    assert.equal(position?.epoch, empty.position.epoch);
    const page = await channel.page(node, { limit: 0 });
    assert.deepEqual(page, { entries: [], position, cursor: null, keys: 1 });
  });

  test("removes a key, with the tags it had, once", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    const tags = { kind: "đ" };
    await channel.put(node, "x", 1, { tags });
    const removed = await channel.remove(node, "x", { tags: { other: "1" } });
    assert.deepEqual([removed.position?.offset, removed.suppressed], [2, null]);
    assert.deepEqual(await channel.remove(node, "x"), {
      position: removed.position,
      suppressed: "key_not_found",
    });
    assert.equal((await channel.remove(node, "never")).suppressed, "key_not_found");
    const page = await channel.page(node);
    assert.deepEqual([page.entries, page.keys], [[], 0]);
    const [, removal] = await channel.since(node, { epoch: "", offset: 0 }) ?? [];
    assert.deepEqual([removal?.key, removal?.removed, removal?.tags], ["x", true, tags]);
    assert.deepEqual(JSON.parse(removal?.body ?? ""), {
      key: "x",
      removed: true,
      offset: 2,
      time: removal?.time,
      tags,
    });
    assert.equal((await channel.put(node, "x", 2)).suppressed, null);
    assert.equal((await channel.page(node)).keys, 1);
  });

  test("publishes only if the key is there, or only if it is not", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    const results = await Promise.all([
      channel.put(node, "x", 1, { exists: true }),
      channel.put(node, "x", 2, { exists: false }),
      channel.put(node, "x", 3, { exists: false }),
      channel.put(node, "x", 4, { exists: true }),
      channel.remove(node, "x", { exists: true }),
      channel.put(node, "x", 5, { exists: true }),
    ]);
    assert.deepEqual(
      results.map(({ suppressed }) => suppressed),
      ["key_not_found", null, "key_exists", null, null, "key_not_found"],
    );
    assert.deepEqual(results.map(({ position }) => position?.offset), [0, 1, 1, 2, 3, 3]);
  });

  test("publishes only over the offset that was seen", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    await channel.put(node, "x", 1);
    await channel.put(node, "y", 1);
    assert.equal((await channel.put(node, "x", 2, { offset: 2 })).suppressed, "key_not_found");
    assert.equal((await channel.put(node, "z", 2, { offset: 2 })).suppressed, "key_not_found");
    assert.equal((await channel.put(node, "x", 2, { offset: 1 })).position?.offset, 3);
    assert.equal((await channel.remove(node, "x", { offset: 1 })).suppressed, "key_not_found");
    assert.equal((await channel.remove(node, "x", { offset: 3 })).suppressed, null);
  });

  test("publishes only newer versions, of an epoch", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    const put = (number: number, epoch: string) =>
      channel.put(node, "x", `${epoch}${number}`, { version: { number, epoch } });
    assert.equal((await put(5, "e")).suppressed, null);
    assert.equal((await put(5, "e")).suppressed, "version");
    assert.equal((await put(4, "e")).suppressed, "version");
    assert.equal((await put(6, "e")).suppressed, null);
    await channel.put(node, "x", "without");
    assert.equal((await put(6, "e")).suppressed, "version");
    assert.equal((await put(1, "f")).suppressed, null);
    assert.equal((await put(1, "f")).suppressed, "version");
    await channel.remove(node, "x");
    assert.equal((await put(1, "f")).suppressed, null);
  });

  test("takes several of one key at once, one after the other", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    await node.broker.subscribe("a", keep);
    await Promise.all(
      range(1, 60).flatMap((n) => [
        channel.put(node, `k${n % 3}`, n),
        ...(n % 5 === 0 ? [channel.remove(node, `k${n % 3}`)] : []),
      ]),
    );
    const page = await channel.page(node);
    assert.deepEqual(dataOf(page.entries), [58, 59]);
    assert.equal(page.keys, 2);
    assert.equal(page.position.offset, 72);
    assert.equal((await node.delivered.count(72)).length, 72);
  });

  test("publishes an idempotency key once, and tells what it published", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    const idempotency = "once";
    const [not, first, again] = await Promise.all([
      channel.put(node, "x", 1, { idempotency, exists: true }),
      channel.put(node, "x", 2, { idempotency }),
      channel.put(node, "x", 3, { idempotency }),
    ]);
    assert.equal(not?.suppressed, "key_not_found");
    assert.equal(first?.suppressed, null);
    const repeated = { position: first?.position, suppressed: "idempotency" };
    assert.deepEqual(again, repeated);
    await channel.put(node, "y", 1);
    assert.deepEqual(await channel.put(node, "x", 4, { idempotency }), repeated);
    assert.deepEqual(await channel.remove(node, "x", { idempotency }), repeated);
    assert.deepEqual(dataOf((await channel.page(node)).entries), [2, 1]);
  });

  test("refuses what cannot be a key with 107", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    for (const key of ["", "x".repeat(256), "half \ud83d"]) {
      await assert.rejects(channel.put(node, key, 1), { code: 107 });
    }
    const keys = ["\0", "日".repeat(255), "\u0001~\n\t", "🛵".repeat(127)];
    for (const key of keys) await channel.put(node, key, key);
    const page = await channel.page(node, { limit: 9 });
    assert.deepEqual(new Set(keysOf(page.entries)), new Set(keys));
    for (const key of keys) assert.equal((await channel.remove(node, key)).suppressed, null);
  });

  test("lets plain publications pass through its stream", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    await channel.put(node, "x", 1);
    await node.publish("a", "plain", { tags: { t: "1" } });
    await channel.put(node, "y", 2);
    assert.deepEqual(dataOf((await channel.page(node)).entries), [1, 2]);
    const stream = await channel.since(node, { epoch: "", offset: 0 });
    assert.deepEqual(stream?.map(({ key, tags }) => [key, tags]), [
      ["x", undefined],
      [undefined, { t: "1" }],
      ["y", undefined],
    ]);
  });

  test("is cleared: another epoch, nothing in it", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    await node.broker.subscribe("a", keep);
    for (const n of range(1, 30)) await channel.put(node, `k${n}`, n);
    const first = await channel.page(node, { limit: 10 });
    await node.broker.clear("a");
    const empty = await channel.page(node);
    assert.deepEqual([empty.entries, empty.keys, empty.position.offset], [[], 0, 0]);
    assert.notEqual(empty.position.epoch, first.position.epoch);
    const [head] = await node.heads.until("the new head", (all) => all.length > 0);
    assert.deepEqual(head, { channel: "a", position: empty.position });
    const after = { cursor: first.cursor ?? "", position: first.position };
    await assert.rejects(channel.page(node, { limit: 10, after }), { code: 112 });
    assert.equal(await channel.since(node, first.position), null);
    const { position } = await channel.put(node, "k1", "new", { exists: false });
    assert.deepEqual(position, { ...empty.position, offset: 1 });
    assert.deepEqual(dataOf((await channel.page(node)).entries), ["new"]);
    await node.broker.clear("never");
  });
}
