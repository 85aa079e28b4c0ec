/** State channels and leases of nodes that share an engine. */
import assert from "node:assert/strict";
import { type Engine, type EngineKind, keep, range } from "./engine.ts";
import { apply, sorted, StateChannel } from "./state_channel.ts";

export function stateNodesSuite({ name, open }: EngineKind): void {
  const test = (what: string, run: (engine: Engine) => Promise<void>) =>
    Deno.test(`${name} state nodes: ${what}`, async () => {
      await using engine = await open();
      await run(engine);
    });

  test("deliver key, removal, tags and score to each other", async (engine) => {
    const [one, other] = [await engine.node(), await engine.node()];
    const channel = new StateChannel("a");
    await other.broker.subscribe("a", keep);
    await channel.put(one, "x", 1, { tags: { t: "1" }, score: 2.5 });
    await channel.remove(one, "x");
    const stream = await channel.since(one, { epoch: "", offset: 0 });
    assert.deepEqual(await other.delivered.count(2), stream);
    assert.deepEqual(
      stream?.map(({ key, removed, tags, score }) => ({ key, removed, tags, score })),
      [
        { key: "x", removed: undefined, tags: { t: "1" }, score: 2.5 },
        { key: "x", removed: true, tags: { t: "1" }, score: undefined },
      ],
    );
  });

  test("of fifty that want a key first, one gets it", async (engine) => {
    const nodes = [await engine.node(), await engine.node()] as const;
    const channel = new StateChannel("a");
    for (const round of range(1, 5)) {
      const results = await Promise.all(
        range(1, 50).map((n) =>
          channel.put(nodes[n % 2 === 0 ? 0 : 1], `k${round}`, n, { exists: false })
        ),
      );
      const won = results.flatMap(({ suppressed }, i) => suppressed === null ? [i + 1] : []);
      assert.equal(won.length, 1);
      assert.ok(results.every(({ suppressed }) => [null, "key_exists"].includes(suppressed)));
      const page = await channel.page(nodes[0], { key: `k${round}` });
      assert.deepEqual(page.entries.map(({ body }) => JSON.parse(body).data), won);
    }
  });

  test("judge by what the other has just done", async (engine) => {
    const [one, other] = [await engine.node(), await engine.node()];
    const channel = new StateChannel("a", { keyed: { maxKeys: 1 } });
    await channel.put(one, "x", 1);
    await channel.remove(other, "x");
    assert.equal((await channel.put(one, "x", 2, { exists: true })).suppressed, "key_not_found");
    await channel.put(other, "x", 3);
    assert.equal((await channel.put(one, "x", 4, { exists: false })).suppressed, "key_exists");
    assert.equal((await channel.remove(other, "x")).suppressed, null);
    assert.equal((await channel.put(one, "y", 5)).suppressed, null);
    await assert.rejects(channel.put(other, "z", 6), { code: 106 });
    await channel.remove(one, "y");
    assert.equal((await channel.put(other, "z", 7)).position?.offset, 7);
  });

  test("lose no update of a counter each of them moves on from what it read", async (engine) => {
    const nodes = [await engine.node(), await engine.node(), await engine.node()];
    const channel = new StateChannel("a");
    await Promise.all(nodes.map(async (node) => {
      for (let moved = 0; moved < 15;) {
        const [entry] = (await channel.page(node, { key: "n" })).entries;
        const seen = entry === undefined ? 0 : JSON.parse(entry.body).data;
        const condition = entry === undefined
          ? { exists: false }
          : { offset: entry.position?.offset ?? 0 };
        if ((await channel.put(node, "n", seen + 1, condition)).suppressed === null) moved++;
      }
    }));
    const [entry] = (await channel.page(nodes[0] ?? await engine.node())).entries;
    assert.equal(JSON.parse(entry?.body ?? "").data, 45);
  });

  test("change one channel at once: its keys counted, state and stream the same", async (engine) => {
    const nodes = [await engine.node(), await engine.node()];
    const channel = new StateChannel("a");
    await Promise.all(nodes.flatMap((node, i) =>
      range(1, 400).map((n) => {
        const key = `k${(n * (i + 3)) % 97}`;
        return n % 4 === 0 ? channel.remove(node, key) : channel.put(node, key, n);
      })
    ));
    for (const node of [...nodes, await engine.node()]) {
      const page = await channel.pages(node, { limit: 10 });
      assert.equal(page.keys, page.entries.length);
      const stream = await channel.since(node, { epoch: "", offset: 0 }) ?? [];
      assert.deepEqual(
        sorted(apply(new Map(), page.entries)),
        sorted(apply(new Map(), stream)),
      );
    }
    for (const { errors } of nodes) assert.deepEqual(errors.all, []);
  });

  test("notice when another has cleared the channel, also in the midst of a snapshot", async (engine) => {
    const [one, other] = [await engine.node(), await engine.node()];
    const channel = new StateChannel("a");
    await other.broker.subscribe("a", keep);
    for (const n of range(1, 9)) await channel.put(other, `k${n}`, n);
    const reading = channel.pages(other, { limit: 3 }, () => one.broker.clear("a"));
    await assert.rejects(reading, { code: 112 });
    const { position } = await channel.page(one);
    await other.heads.until("the new life", (all) => all.at(-1)?.position.epoch === position.epoch);
    assert.deepEqual((await channel.put(other, "k1", 1, { exists: false })).position, {
      ...position,
      offset: 1,
    });
  });

  test("hold a lease one at a time, for as long as it is renewed", async (engine) => {
    const [one, other] = [await engine.node(), await engine.node()];
    const both = await Promise.all([one, other].map(({ broker }) => broker.lease("a", 60_000)));
    assert.equal(both.filter(Boolean).length, 1);
    const [holder, waiting] = both[0] ? [one, other] : [other, one];
    for (let n = 0; n < 3; n++) {
      engine.advance?.(50_000);
      assert.equal(await holder.broker.lease("a", 60_000), true);
      assert.equal(await waiting.broker.lease("a", 60_000), false);
    }
    assert.equal(await waiting.broker.lease("b", 60_000), true);
  });

  test("take over the lease of one that is silent or gives it back", async (engine) => {
    const [one, other] = [await engine.node(), await engine.node()];
    assert.equal(await one.broker.lease("a", 60_000), true);
    await other.broker.unlease("a");
    assert.equal(await other.broker.lease("a", 60_000), false);
    engine.advance?.(60_001);
    assert.equal(await other.broker.lease("a", 60_000), true);
    assert.equal(await one.broker.lease("a", 60_000), false);
    await other.broker.unlease("a");
    assert.equal(await one.broker.lease("a", 60_000), true);
    await other.broker.unlease("never");
  });
}
