import assert from "node:assert/strict";
import { memoryBroker } from "../../lib/broker/memory.ts";
import { type EngineKind, TestNode } from "./engine.ts";
import { historySuite } from "./history_suite.ts";
import { StateChannel } from "./state_channel.ts";
import { stateLifetimeSuite } from "./state_lifetime_suite.ts";
import { statePagesSuite } from "./state_pages_suite.ts";
import { statePropertySuite } from "./state_property_suite.ts";
import { stateSuite } from "./state_suite.ts";
import { brokerSuite } from "./suite.ts";

/** Each node is an engine of its own: a stream is forgotten by starting another. */
const memory: EngineKind = {
  name: "memory",
  shared: false,
  open() {
    let now = Date.UTC(2026, 0, 1);
    let nodes = 0;
    const started: TestNode[] = [];
    return {
      node() {
        const node = new TestNode(`node${++nodes}`, (context) => memoryBroker(context, () => now));
        started.push(node);
        return Promise.resolve(node);
      },
      advance: (ms) => void (now += ms),
      forget: () => Promise.resolve(),
      async [Symbol.asyncDispose]() {
        for (const { broker } of started) await broker[Symbol.asyncDispose]();
      },
    };
  },
};

brokerSuite(memory);
historySuite(memory);
stateSuite(memory);
statePagesSuite(memory);
stateLifetimeSuite(memory);
statePropertySuite(memory, 1000);

Deno.test("memory broker: forgets a stream nobody has touched for ten lifetimes", async () => {
  await using engine = await memory.open();
  const node = await engine.node();
  const retention = { size: 10, ttlMs: 1_000 };
  const before = await node.publish("idle", 1, { retention });
  await node.broker.subscribe("held", retention);
  const held = await node.publish("held", 1, { retention });
  engine.advance?.(10_001);
  // It looks for them once in a while.
  for (let n = 0; n < 1_024; n++) await node.publish("busy", n, { retention });
  const after = await node.broker.history("idle", { retention, limit: 0 });
  assert.notEqual(after.position.epoch, before.position?.epoch);
  const kept = await node.broker.history("held", { retention, limit: 0 });
  assert.deepEqual(kept.position, held.position);
});

Deno.test("memory broker: forgets no state while its keys live, nor one that stays", async () => {
  await using engine = await memory.open();
  const node = await engine.node();
  const retention = { size: 10, ttlMs: 1_000 };
  const stays = new StateChannel("stays", { retention });
  const ends = new StateChannel("ends", { retention, keyed: { ttlMs: 60_000 } });
  const emptied = new StateChannel("emptied", { retention });
  for (const channel of [stays, ends, emptied]) await channel.put(node, "k", 1);
  await emptied.remove(node, "k");
  const sweep = async () => {
    for (let n = 0; n < 1_024; n++) await node.publish("busy", n, { retention });
  };
  const keysOf = async (channel: StateChannel) => (await channel.page(node, { limit: 0 })).keys;
  const { position } = await emptied.page(node);
  engine.advance?.(50_000);
  await sweep();
  assert.deepEqual([await keysOf(stays), await keysOf(ends)], [1, 1]);
  assert.notEqual((await emptied.page(node)).position.epoch, position.epoch);
  engine.advance?.(70_001);
  await sweep();
  assert.deepEqual([await keysOf(stays), await keysOf(ends)], [1, 0]);
});
