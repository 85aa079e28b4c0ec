/** Reading the state of a channel in pages: order, limits, cursors, changes in between. */
import assert from "node:assert/strict";
import type { StateQuery } from "../../lib/broker/broker.ts";
import { dataOf, type Engine, type EngineKind, offsetsOf, range } from "./engine.ts";
import { apply, keysOf, sorted, StateChannel } from "./state_channel.ts";

/** Ascending by code points, which is not how JavaScript compares the last three. */
const inOrder = ["\0", "\u0001", "A", "a", "a\0", "a\u0001", "aa", "b", "đ", "日", "\uffee", "🛵"];

export function statePagesSuite({ name, open }: EngineKind): void {
  const test = (what: string, run: (engine: Engine) => Promise<void>) =>
    Deno.test(`${name} state pages: ${what}`, async () => {
      await using engine = await open();
      await run(engine);
    });

  for (const limit of [1, 2, 5, 12, 100]) {
    for (const descending of [false, true]) {
      const way = descending ? "descending" : "ascending";
      test(`of ${limit}, keys by code points, ${way}`, async (engine) => {
        const node = await engine.node();
        const channel = new StateChannel("a");
        for (const key of inOrder.toSorted()) await channel.put(node, key, key);
        const all = await channel.pages(node, { limit, descending });
        assert.deepEqual(keysOf(all.entries), descending ? inOrder.toReversed() : inOrder);
        assert.equal(all.pages, Math.ceil(12 / limit));
      });
    }
  }

  for (const descending of [false, true]) {
    const way = descending ? "descending" : "ascending";
    test(`by score, then by key, ${way}`, async (engine) => {
      const node = await engine.node();
      const channel = new StateChannel("a");
      const scores: [string, number | undefined][] = [
        ["low", -1.5],
        ["a", undefined],
        ["b", 0],
        ["🛵", 7],
        ["\uffee", 7],
        ["high", 1e21],
      ];
      for (const [key, score] of scores) {
        await channel.put(node, key, key, score === undefined ? {} : { score });
      }
      const query: Partial<StateQuery> = { order: "score", descending, limit: 2 };
      const all = await channel.pages(node, query);
      const expected = ["low", "a", "b", "\uffee", "🛵", "high"];
      assert.deepEqual(keysOf(all.entries), descending ? expected.toReversed() : expected);
      assert.equal(all.pages, 3);
    });
  }

  test("by length: one entry always fits", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    for (const n of range(1, 6)) await channel.put(node, `k${n}`, "x".repeat(n === 3 ? 900 : 100));
    for (const order of ["key", "score"] as const) {
      let after: StateQuery["after"];
      const counts: number[] = [];
      do {
        const page = await channel.page(node, { order, maxLength: 500, ...(after && { after }) });
        counts.push(page.entries.length);
        after = page.cursor === null ? undefined : { cursor: page.cursor, position: page.position };
      } while (after !== undefined);
      assert.deepEqual(counts, [2, 1, 3]);
    }
  });

  test("leave to the stream what was changed since the first", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    const key = (n: number) => `k${String(n).padStart(2, "0")}`;
    for (const n of range(1, 20)) await channel.put(node, key(n), n);
    const first = await channel.page(node, { limit: 5 });
    await channel.put(node, key(2), "changed behind");
    await channel.put(node, key(10), "changed ahead");
    await channel.remove(node, key(11));
    await channel.remove(node, key(12));
    await channel.put(node, key(12), "there again");
    await channel.put(node, "k105", "new");
    const after = { cursor: first.cursor ?? "", position: first.position };
    const rest = await channel.pages(node, { limit: 5, after });
    assert.deepEqual(rest.position, first.position);
    assert.deepEqual(dataOf(rest.entries), [6, 7, 8, 9, ...range(13, 20)]);
    assert.equal(rest.keys, 20);
    const mirror = apply(new Map(), [...first.entries, ...rest.entries]);
    apply(mirror, await channel.since(node, first.position) ?? []);
    const now = await channel.pages(node);
    assert.deepEqual(sorted(mirror), sorted(apply(new Map(), now.entries)));
  });

  test("that are all changed meanwhile end empty", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    for (const n of range(10, 19)) await channel.put(node, `k${n}`, n);
    const first = await channel.page(node, { limit: 4 });
    for (const n of range(10, 19)) await channel.put(node, `k${n}`, -n);
    const after = { cursor: first.cursor ?? "", position: first.position };
    const rest = await channel.page(node, { limit: 4, after });
    assert.deepEqual([rest.entries, rest.cursor], [[], null]);
  });

  test("refuse foreign cursors with 107 and other lives with 112", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    for (const n of range(1, 3)) await channel.put(node, `k${n}`, n, { score: n });
    const { position } = await channel.page(node, { limit: 1 });
    const foreign = ["", "k1", "~", "~" + "x".repeat(256), "~\ud800", "x~k1", "NaN~k1", "1~k1"];
    for (const cursor of foreign) {
      await assert.rejects(channel.page(node, { after: { cursor, position } }), { code: 107 });
    }
    const unscored = { order: "score", after: { cursor: "~k1", position } } as const;
    await assert.rejects(channel.page(node, unscored), { code: 107 });
    const { cursor } = await channel.page(node, { limit: 1 });
    const elsewhere = [{ ...position, epoch: "other" }, { ...position, offset: 99 }];
    for (const position of elsewhere) {
      const after = { cursor: cursor ?? "", position };
      await assert.rejects(channel.page(node, { after }), { code: 112 });
    }
    // A key that is gone is still a place.
    await channel.remove(node, "k1");
    const page = await channel.page(node, { after: { cursor: cursor ?? "", position } });
    assert.deepEqual(keysOf(page.entries), ["k2", "k3"]);
  });

  test("hold values of any size, changed from large to small and back", async (engine) => {
    const node = await engine.node();
    const channel = new StateChannel("a");
    const large = ["日".repeat(21_000), "x".repeat(65_000), "🛵".repeat(16_000)];
    for (const [i, text] of large.entries()) await channel.put(node, `k${i}`, text);
    const read = async (query: Partial<StateQuery> = {}) =>
      dataOf((await channel.pages(node, query)).entries);
    assert.deepEqual(await read({ limit: 1 }), large);
    assert.deepEqual(await read({ descending: true }), large.toReversed());
    assert.deepEqual(await read({ key: "k1" }), [large[1]]);
    await channel.put(node, "k0", "small", { tags: { t: "1" } });
    await channel.remove(node, "k1");
    assert.deepEqual(await read(), ["small", large[2]]);
    await channel.put(node, "k1", large[0]);
    await channel.put(node, "k0", large[1]);
    const stream = await channel.since(node, { epoch: "", offset: 0 }) ?? [];
    const now = await channel.page(node);
    assert.deepEqual(dataOf(now.entries), [large[1], large[0], large[2]]);
    assert.deepEqual(offsetsOf(now.entries), [7, 6, 3]);
    assert.deepEqual(
      sorted(apply(new Map(), now.entries)),
      sorted(apply(new Map(), stream)),
    );
  });
}
