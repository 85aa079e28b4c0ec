/** What every broker's log answers. */
import assert from "node:assert/strict";
import type { HistoryPage, HistoryQuery } from "../../lib/broker/broker.ts";
import { dataOf, type Engine, type EngineKind, keep, range, type TestNode } from "./engine.ts";

type Query = Partial<Omit<HistoryQuery, "since">> & { since?: number };

export function historySuite({ name, open }: EngineKind): void {
  const test = (what: string, run: (engine: Engine, node: TestNode) => Promise<void>) =>
    Deno.test(`${name} history: ${what}`, async () => {
      await using engine = await open();
      await run(engine, await engine.node());
    });

  /** A page of channel "a", `since` an offset of its epoch. */
  const read = async (node: TestNode, { since, ...query }: Query = {}): Promise<HistoryPage> => {
    const { position: { epoch } } = await node.broker.history("a", { retention: keep, limit: 0 });
    return await node.broker.history("a", {
      retention: keep,
      limit: 100,
      ...query,
      ...(since !== undefined && { since: { epoch, offset: since } }),
    });
  };
  const publish = (node: TestNode, first: number, last: number) =>
    Promise.all(range(first, last).map((n) => node.publish("a", n)));

  const pages: [string, Query, number[], boolean][] = [
    ["everything", {}, range(1, 10), true],
    ["only the position", { limit: 0 }, [], true],
    ["the first ones", { limit: 3 }, [1, 2, 3], true],
    ["the last ones, in reverse", { limit: 3, reverse: true }, [10, 9, 8], true],
    ["what follows a position", { since: 7 }, [8, 9, 10], true],
    ["the next after a position", { since: 7, limit: 1 }, [8], true],
    ["nothing at limit 0, but whether it is there", { since: 7, limit: 0 }, [], true],
    ["everything from the beginning", { since: 0 }, range(1, 10), true],
    ["nothing after the head", { since: 10 }, [], true],
    ["nothing beyond the head", { since: 11 }, [], false],
    ["what precedes a position", { since: 4, reverse: true }, [3, 2, 1], true],
    ["what precedes a position, some of it", { since: 4, reverse: true, limit: 2 }, [3, 2], true],
    ["nothing before the first", { since: 1, reverse: true }, [], true],
  ];
  for (const [what, query, expected, reachable] of pages) {
    test(what, async (_engine, node) => {
      await publish(node, 1, 10);
      const page = await read(node, query);
      assert.deepEqual(dataOf(page.publications), expected);
      assert.equal(page.reachable, reachable);
      assert.equal(page.position.offset, 10);
    });
  }

  test("in reverse from beyond the head, the last ones", async (_engine, node) => {
    await publish(node, 1, 3);
    assert.deepEqual(dataOf((await read(node, { since: 9, reverse: true })).publications), [
      3,
      2,
      1,
    ]);
  });

  test("an empty stream has an epoch that stays", async (_engine, node) => {
    const empty = await read(node);
    assert.deepEqual(empty.publications, []);
    assert.equal(empty.reachable, true);
    assert.equal(empty.position.offset, 0);
    assert.deepEqual((await read(node, { since: 0 })).reachable, true);
    assert.equal((await node.publish("a", 1)).position?.epoch, empty.position.epoch);
  });

  test(
    "another epoch is not reachable and gives nothing, an empty one is any",
    async (_engine, node) => {
      await publish(node, 1, 3);
      for (const reverse of [false, true]) {
        const since = { epoch: "another", offset: 2 };
        const page = await node.broker.history("a", { retention: keep, limit: 9, since, reverse });
        assert.deepEqual(page.publications, []);
        if (!reverse) assert.equal(page.reachable, false);
        assert.equal(page.position.offset, 3);
      }
      const since = { epoch: "", offset: 2 };
      const page = await node.broker.history("a", { retention: keep, limit: 9, since });
      assert.deepEqual([dataOf(page.publications), page.reachable], [[3], true]);
    },
  );

  test("keeps the newest `size`", async (_engine, node) => {
    const retention = { size: 5, ttlMs: 60_000 };
    for (const n of range(1, 60)) await node.publish("a", n, { retention });
    assert.deepEqual(dataOf((await read(node, { retention })).publications), range(56, 60));
    const reverse = await read(node, { retention, reverse: true, since: 58 });
    assert.deepEqual(dataOf(reverse.publications), [57, 56]);
    const reached: [number, boolean, number[]][] = [
      [54, false, range(56, 60)],
      [55, true, range(56, 60)],
      [60, true, []],
    ];
    for (const [since, reachable, rest] of reached) {
      const page = await read(node, { retention, since });
      assert.deepEqual([page.reachable, dataOf(page.publications)], [reachable, rest], `${since}`);
    }
  });

  test("keeps none that is older than `ttlMs`, and the head for all that", async (engine, node) => {
    if (engine.advance === undefined) return;
    const retention = { size: 100, ttlMs: 1_000 };
    await node.publish("a", 1, { retention });
    engine.advance(600);
    await node.publish("a", 2, { retention });
    engine.advance(600);
    assert.deepEqual(dataOf((await read(node, { retention })).publications), [2]);
    assert.equal((await read(node, { retention, since: 0 })).reachable, false);
    assert.equal((await read(node, { retention, since: 1 })).reachable, true);
    engine.advance(600);
    const aged = await read(node, { retention, since: 2 });
    assert.deepEqual([aged.publications, aged.reachable, aged.position.offset], [[], true, 2]);
    assert.equal((await read(node, { retention, since: 1 })).reachable, false);
    assert.equal((await node.publish("a", 3, { retention })).position?.offset, 3);
  });
}
