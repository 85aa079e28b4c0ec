/** The time of keys, and how many there may be. */
import assert from "node:assert/strict";
import { maxStateLength } from "../../lib/channels.ts";
import { dataOf, type Engine, type EngineKind, range } from "./engine.ts";
import { apply, keysOf, sorted, StateChannel } from "./state_channel.ts";

const minute = 60_000;

export function stateLifetimeSuite({ name, open }: EngineKind): void {
  const test = (what: string, run: (engine: Engine) => Promise<void>) =>
    Deno.test(`${name} state lifetime: ${what}`, async () => {
      await using engine = await open();
      await run(engine);
    });

  for (const order of ["key", "score"] as const) {
    test(`keys whose time is over are left out, by ${order}, unless asked for`, async (engine) => {
      const node = await engine.node();
      const channel = new StateChannel("a", { keyed: { ttlMs: minute, order } });
      await channel.put(node, "a", 1);
      await channel.put(node, "b", 2);
      await channel.put(node, "c", 3);
      engine.advance?.(minute / 2);
      await channel.put(node, "b", 4);
      assert.equal((await channel.page(node, { order })).entries.length, 3);
      engine.advance?.(minute / 2);
      assert.deepEqual(keysOf((await channel.page(node, { order })).entries), ["b"]);
      assert.deepEqual((await channel.page(node, { key: "a" })).entries, []);
      const all = await channel.pages(node, { order, withExpired: true, limit: 1 });
      assert.deepEqual(dataOf(all.entries), [1, 4, 3]);
      assert.equal(all.keys, 3);
    });
  }

  test("a key whose time is over is as good as gone for conditions, not for its removal", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a", { keyed: { ttlMs: minute } });
    const version = { number: 5, epoch: "e" };
    for (const key of ["a", "b", "c"]) await channel.put(node, key, 1, { version });
    engine.advance?.(minute);
    assert.equal((await channel.put(node, "a", 2, { exists: true })).suppressed, "key_not_found");
    assert.equal((await channel.put(node, "a", 3, { exists: false })).suppressed, null);
    assert.equal((await channel.put(node, "a", 4, { exists: false })).suppressed, "key_exists");
    assert.equal((await channel.put(node, "b", 5, { version })).suppressed, null);
    assert.equal((await channel.remove(node, "c", { offset: 3 })).suppressed, null);
    assert.equal((await channel.remove(node, "c")).suppressed, "key_not_found");
    const page = await channel.page(node);
    assert.deepEqual([dataOf(page.entries), page.keys], [[3, 5], 2]);
  });

  test("refuses more keys than allowed with 106, not the others with it", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a", { keyed: { maxKeys: 3 } });
    const results = await Promise.allSettled([
      ...["a", "b", "c", "d", "b"].map((key) => channel.put(node, key, key)),
      channel.remove(node, "a"),
      channel.put(node, "e", 1),
      channel.put(node, "f", 1),
    ]);
    const refused = results.map((one) => one.status === "rejected" ? one.reason.code : null);
    assert.deepEqual(refused, [null, null, null, 106, null, null, null, 106]);
    const page = await channel.page(node);
    assert.deepEqual(keysOf(page.entries), ["b", "c", "e"]);
    assert.deepEqual([page.keys, page.position.offset], [3, 6]);
  });

  test("a full channel first removes what is over, in its stream", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a", { keyed: { maxKeys: 50, ttlMs: minute } });
    await node.broker.subscribe("a", channel.retention);
    for (const n of range(1, 30)) await channel.put(node, `k${n}`, n, { tags: { n: `${n}` } });
    engine.advance?.(minute / 2);
    for (const n of range(31, 50)) await channel.put(node, `k${n}`, n);
    await assert.rejects(channel.put(node, "new", 1), { code: 106 });
    engine.advance?.(minute / 2 + 1);
    const put = await Promise.all(range(1, 5).map((n) => channel.put(node, `new${n}`, n)));
    assert.ok(put.every(({ suppressed }) => suppressed === null));
    const page = await channel.pages(node, { withExpired: true });
    assert.deepEqual([page.entries.length, page.keys, page.position.offset], [25, 25, 85]);
    const stream = await channel.since(node, { epoch: "", offset: 0 }) ?? [];
    const removals = stream.filter(({ removed }) => removed);
    assert.equal(removals.length, 30);
    assert.ok(removals.every(({ key, tags }) => `k${tags?.n}` === key));
    assert.deepEqual(sorted(apply(new Map(), stream)), sorted(apply(new Map(), page.entries)));
    assert.equal((await node.delivered.count(85)).length, 85);
  });

  test("refuses more than it may hold with 106; what becomes shorter is welcome", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    const text = "x".repeat(65_000);
    const put = (n: number, value = text) => channel.put(node, `k${n}`, value);
    const fit = Math.floor(maxStateLength / 65_060);
    for (const some of [range(1, 200), range(201, 400), range(401, fit)]) {
      await Promise.all(some.map((n) => put(n)));
    }
    await assert.rejects(put(fit + 1), { code: 106 });
    await put(1, "small");
    await put(fit + 1);
    await assert.rejects(put(1), { code: 106 });
    await channel.remove(node, "k2");
    await put(1);
    assert.equal((await channel.page(node, { limit: 0 })).keys, fit);
  });
}
