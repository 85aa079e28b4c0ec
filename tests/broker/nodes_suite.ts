/** What nodes that share an engine see of one another. */
import assert from "node:assert/strict";
import { dataOf, type Engine, type EngineKind, keep, offsetsOf, range } from "./engine.ts";

export function nodesSuite({ name, open }: EngineKind): void {
  const test = (what: string, run: (engine: Engine) => Promise<void>) =>
    Deno.test(`${name} nodes: ${what}`, async () => {
      await using engine = await open();
      await run(engine);
    });

  for (const retention of [keep, null]) {
    const kind = retention === null ? "without retention" : "with retention";
    test(`deliver to each other, ${kind}`, async (engine) => {
      const [one, other] = [await engine.node(), await engine.node()];
      await other.broker.subscribe("a", retention);
      await one.publish("b", "not wanted", { retention });
      const { position } = await one.publish("a", { x: "đ 日本" }, { retention });
      const [got] = await other.delivered.count(1);
      assert.deepEqual(got?.position, position);
      assert.equal(got?.channel, "a");
      assert.deepEqual(JSON.parse(got?.body ?? "").data, { x: "đ 日本" });
    });
  }

  test("publish into one channel at once: all offsets distinct, no hole, one log", async (engine) => {
    const nodes = await Promise.all([engine.node(), engine.node(), engine.node()]);
    const published = await Promise.all(
      range(0, 149).map((n) => nodes[n % 3]?.publish("a", n)),
    );
    const offsets = published.map((one) => one?.position?.offset ?? 0);
    assert.deepEqual(offsets.toSorted((x, y) => x - y), range(1, 150));
    const logs = await Promise.all(
      nodes.map(({ broker }) => broker.history("a", { retention: keep, limit: 1_000 })),
    );
    for (const log of logs) {
      assert.deepEqual(offsetsOf(log.publications), range(1, 150));
      assert.deepEqual(log, logs[0]);
      for (const [at, n] of dataOf(log.publications).entries()) {
        assert.equal(offsets[Number(n)], at + 1);
      }
    }
    for (const { errors } of nodes) assert.deepEqual(errors.all, []);
  });

  test("share idempotency keys, used one after the other or at once", async (engine) => {
    const nodes = [await engine.node(), await engine.node()];
    for (const round of range(1, 10)) {
      const once = { idempotency: { key: `k${round}`, ttlMs: 60_000 } };
      const both = await Promise.all(nodes.map((node) => node.publish("a", round, once)));
      assert.equal(both.filter(({ suppressed }) => suppressed !== null).length, 1);
      assert.deepEqual(both[0]?.position, both[1]?.position);
      const again = await nodes[round % 2]?.publish("a", round, once);
      assert.deepEqual(again, { position: both[0]?.position, suppressed: "idempotency" });
    }
    const page = await nodes[0]?.broker.history("a", { retention: keep, limit: 100 });
    assert.deepEqual(dataOf(page?.publications ?? []), range(1, 10));
  });

  test("tell each other who comes and goes", async (engine) => {
    const [one, other] = [await engine.node(), await engine.node()];
    const join = { kind: "join", info: { user: "u", client: "c", conn_info: { x: 1 } } } as const;
    await other.broker.subscribe("a", keep);
    one.broker.signal("b", join);
    one.broker.signal("a", join);
    assert.deepEqual(await other.signals.count(1), [{ channel: "a", signal: join }]);
    assert.deepEqual(one.signals.all, []);
  });

  test("post messages to the others, not to themselves", async (engine) => {
    const [one, other, third] = [await engine.node(), await engine.node(), await engine.node()];
    one.broker.post("hello");
    assert.deepEqual(await other.controls.count(1), ["hello"]);
    assert.deepEqual(await third.controls.count(1), ["hello"]);
    assert.deepEqual(one.controls.all, []);
  });

  test("begin a stream at once under one epoch", async (engine) => {
    const nodes = await Promise.all(range(1, 4).map(() => engine.node()));
    const pages = await Promise.all(
      nodes.map(({ broker }) => broker.history("new", { retention: keep, limit: 0 })),
    );
    assert.equal(new Set(pages.map(({ position }) => position.epoch)).size, 1);
  });
}
