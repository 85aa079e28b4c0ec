/** What every broker does for a node, whatever its engine. */
import assert from "node:assert/strict";
import { dataOf, type Engine, type EngineKind, keep, offsetsOf, range } from "./engine.ts";

function tester(name: string, open: EngineKind["open"]) {
  return (what: string, run: (engine: Engine) => Promise<void>) =>
    Deno.test(`${name} broker: ${what}`, async () => {
      await using engine = await open();
      await run(engine);
    });
}

export function brokerSuite({ name, open }: EngineKind): void {
  const test = tester(name, open);

  test("gives offsets 1, 2, 3 … in the order of the calls and keeps what it acknowledged", async (engine) => {
    const node = await engine.node();
    const published = await Promise.all(range(1, 20).map((n) => node.publish("a", n)));
    assert.deepEqual(published.map(({ position }) => position?.offset), range(1, 20));
    const page = await node.broker.history("a", { retention: keep, limit: 100 });
    assert.deepEqual(dataOf(page.publications), range(1, 20));
    assert.deepEqual(page.position, published.at(-1)?.position);
  });

  test("has a publication in the log when it acknowledges it", async (engine) => {
    const node = await engine.node();
    for (const n of range(1, 5)) {
      await node.publish("a", n);
      const page = await node.broker.history("a", { retention: keep, limit: 1, reverse: true });
      assert.deepEqual(dataOf(page.publications), [n]);
    }
  });

  test("delivers a node's own publications once, those of other channels never", async (engine) => {
    const node = await engine.node();
    await node.broker.subscribe("a", keep);
    await node.broker.subscribe("a", keep);
    await node.publish("b", "not wanted");
    await node.publish("a", 1);
    await node.broker.unsubscribe("a");
    await node.publish("a", "nor this");
    await node.broker.subscribe("a", keep);
    await node.publish("a", 3);
    assert.deepEqual(dataOf(await node.delivered.count(2)), [1, 3]);
  });

  test("writes the wire's form once: tags, info, and the epoch at offset 1 only", async (engine) => {
    const node = await engine.node();
    const info = { user: "u", client: "c", conn_info: { name: "Đỗ" } };
    const tags = { k: "v" };
    await node.publish("a", { b: [1] }, { info, tags });
    await node.publish("a", null);
    const { publications, position } = await node.broker.history("a", {
      retention: keep,
      limit: 9,
    });
    const [first, second] = publications.map(({ body, time }) => ({
      ...JSON.parse(body),
      at: time,
    }));
    const { time } = first;
    assert.deepEqual(first, {
      data: { b: [1] },
      offset: 1,
      time,
      epoch: position.epoch,
      info,
      tags,
      at: time,
    });
    assert.deepEqual(second, { data: null, offset: 2, time: second.time, at: second.time });
  });

  test("keeps nothing and gives no position without retention, and delivers once", async (engine) => {
    const node = await engine.node();
    await node.broker.subscribe("a", null);
    const published = await node.publish("a", 1, { retention: null, tags: { k: "v" } });
    assert.deepEqual(published, { position: null, suppressed: null });
    await node.publish("a", 2, { retention: null });
    const delivered = await node.delivered.count(2);
    assert.deepEqual(delivered.map(({ body, position }) => [JSON.parse(body), position]), [
      [{ data: 1, tags: { k: "v" } }, null],
      [{ data: 2 }, null],
    ]);
    const page = await node.broker.history("a", { retention: keep, limit: 9 });
    assert.deepEqual(page.publications, []);
    assert.equal(page.position.offset, 0);
  });

  test("tells joins and leaves to subscribers of the channel only", async (engine) => {
    const node = await engine.node();
    const info = { user: "u", client: "c" };
    await node.broker.subscribe("a", keep);
    node.broker.signal("b", { kind: "join", info });
    node.broker.signal("a", { kind: "join", info });
    node.broker.signal("a", { kind: "leave", info });
    assert.deepEqual(await node.signals.count(2), [
      { channel: "a", signal: { kind: "join", info } },
      { channel: "a", signal: { kind: "leave", info } },
    ]);
  });

  for (const retention of [keep, null]) {
    const kind = retention === null ? "without retention" : "with retention";
    test(`publishes an idempotency key once, ${kind}`, async (engine) => {
      const node = await engine.node();
      await node.broker.subscribe("a", retention);
      const once = { retention, idempotency: { key: "k", ttlMs: 60_000 } };
      const first = await node.publish("a", 1, once);
      assert.equal(first.suppressed, null);
      assert.deepEqual(await node.publish("a", 2, once), { ...first, suppressed: "idempotency" });
      const together = await Promise.all(
        range(3, 6).map((n) =>
          node.publish("a", n, { ...once, idempotency: { key: "other", ttlMs: 60_000 } })
        ),
      );
      assert.equal(together.filter(({ suppressed }) => suppressed === null).length, 1);
      assert.deepEqual(new Set(together.map(({ position }) => position?.offset)).size, 1);
      assert.equal((await node.publish("b", 9, once)).suppressed, null);
      await node.publish("a", "end", { retention });
      assert.equal(dataOf(await node.delivered.count(3)).at(-1), "end");
    });
  }

  test("forgets an idempotency key after its time", async (engine) => {
    const node = await engine.node();
    const once = { idempotency: { key: "k", ttlMs: 60_000 } };
    await node.publish("a", 1, once);
    engine.advance?.(50_000);
    assert.equal((await node.publish("a", 2, once)).suppressed, "idempotency");
    engine.advance?.(11_000);
    assert.deepEqual((await node.publish("a", 3, once)).position?.offset, 2);
  });

  test("begins a stream that is gone anew, under another epoch", async (engine) => {
    const node = await engine.node();
    const before = await node.publish("a", 1);
    await engine.forget("a");
    const fresh = await engine.node();
    const after = await fresh.publish("a", 2);
    assert.equal(after.position?.offset, 1);
    assert.notEqual(after.position?.epoch, before.position?.epoch);
    assert.match(after.position?.epoch ?? "", /^[a-z0-9]{1,32}$/);
  });

  test("keeps offsets without a hole whatever is published together", async (engine) => {
    const node = await engine.node();
    await node.broker.subscribe("a", keep);
    const sent = range(1, 300).map((n) =>
      node.publish(n % 3 === 0 ? "b" : "a", n, n % 5 === 0 ? { tags: { n: `${n}` } } : {})
    );
    await Promise.all(sent);
    const delivered = await node.delivered.count(200);
    assert.deepEqual(offsetsOf(delivered).toSorted((x, y) => (x ?? 0) - (y ?? 0)), range(1, 200));
    const page = await node.broker.history("b", { retention: keep, limit: 1_000 });
    assert.deepEqual(offsetsOf(page.publications), range(1, 100));
  });
}

/** What a broker does besides when its engine is a thing apart, which may go away. */
export function engineSuite({ name, open }: EngineKind): void {
  const test = tester(name, open);

  test("refuses with 111 while its engine is away, and goes on when it is back", async (engine) => {
    const node = await engine.node();
    await node.publish("a", 1);
    const comeBack = engine.goAway?.();
    await assert.rejects(node.publish("a", 2), { code: 111 });
    await assert.rejects(node.broker.ready(AbortSignal.timeout(5_000)));
    comeBack?.();
    await node.broker.ready(AbortSignal.timeout(5_000));
    const { position } = await node.publish("a", 3);
    const page = await node.broker.history("a", { retention: keep, limit: 9 });
    assert.equal(page.publications.at(-1)?.position?.offset, position?.offset);
  });
}
