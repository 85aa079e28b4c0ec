/** The end of keys in a channel whose state was loaded anew. */
import assert from "node:assert/strict";
import { memoryBroker } from "../../lib/broker/memory.ts";
import type { Broker } from "../../lib/broker/broker.ts";
import { keyedDefaults } from "../../lib/channels.ts";
import { Hub } from "../../lib/hub/hub.ts";
import { turn } from "../broker/waiting.ts";
import { VirtualTime } from "../support/virtual_time.ts";

const rules = {
  history: { size: 2, ttlMs: 3_600_000 },
  keyed: { ...keyedDefaults, ttlMs: 1_000 },
};

Deno.test("key expiry: keys that a reset brought end in their time", async () => {
  using time = new VirtualTime(1_000_000);
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  await using hub = new Hub({ onError, lingerMs: 1_000_000 });
  await using broker: Broker = memoryBroker({
    nodeId: "n",
    ...hub.brokerContext,
    // What reaches this isolate only as a head: all live publications are lost.
    deliver: () => {},
    control: () => {},
    onError,
  });
  hub.connect(broker);
  const stream = await hub.open("a:b", rules);
  assert.equal(stream.state?.mirror.size, 0);
  const options = { retention: rules.history, keyed: rules.keyed };
  for (let i = 1; i <= 5; i++) await broker.publish("a:b", { data: "1", key: `k${i}` }, options);
  await stream.level();
  assert.equal(stream.state?.mirror.size, 5);
  for (let n = 0; n < 100; n++) {
    time.step(100);
    await turn();
  }
  await stream.level();
  assert.deepEqual([stream.state?.mirror.size, errors], [0, []]);
  hub.release(stream);
});
