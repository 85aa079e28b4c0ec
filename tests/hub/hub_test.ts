import assert from "node:assert/strict";
import type { Broker } from "../../lib/broker/broker.ts";
import { Hub, type HubOptions } from "../../lib/hub/hub.ts";
import { memoryBroker } from "../../lib/broker/memory.ts";
import { turn } from "../broker/waiting.ts";
import { FakeLoop, Listener, retention } from "./fakes.ts";

/** A hub on a memory broker whose subscriptions a test can see and refuse. */
function started(options: Partial<HubOptions> = {}) {
  const loop = new FakeLoop();
  const errors: string[] = [];
  const hub = new Hub({
    pacer: loop.pacer(),
    onError: (error, stage) => void errors.push(`${stage}: ${error}`),
    ...options,
  });
  const memory = memoryBroker({
    nodeId: "n",
    ...hub.brokerContext,
    control() {},
    onError() {},
  });
  const calls: string[] = [];
  const refused = new Set<string>();
  const broker: Broker = {
    publish: (...args) => memory.publish(...args),
    history: (...args) => memory.history(...args),
    state: (...args) => memory.state(...args),
    clear: (...args) => memory.clear(...args),
    lease: (...args) => memory.lease(...args),
    unlease: (...args) => memory.unlease(...args),
    signal: (...args) => memory.signal(...args),
    post: () => {},
    ready: (signal) => memory.ready(signal),
    [Symbol.asyncDispose]: () => memory[Symbol.asyncDispose](),
    subscribe(channel, keep) {
      calls.push(`+${channel}`);
      if (refused.has(channel)) return Promise.reject(new Error("no"));
      return memory.subscribe(channel, keep);
    },
    unsubscribe(channel) {
      calls.push(`-${channel}`);
      return memory.unsubscribe(channel);
    },
  };
  hub.connect(broker);
  const publish = (channel: string, data: string) =>
    broker.publish(channel, { data }, { retention });
  return { hub, loop, calls, refused, errors, publish };
}

const rules = { history: retention, keyed: null };

Deno.test("hub: opens a channel once for all who listen and delivers to each", async () => {
  const { hub, loop, calls, publish } = started();
  await using _end = hub;
  const streams = await Promise.all([1, 2, 3].map(() => hub.open("a", rules)));
  assert.equal(new Set(streams).size, 1);
  assert.deepEqual(calls, ["+a"]);
  const listeners = streams.map((stream) => {
    const listener = new Listener();
    stream.subscribers.add(listener);
    return listener;
  });
  await publish("a", "1");
  await publish("b", "2");
  await publish("a", "3");
  while (loop.step());
  for (const { offsets, batches } of listeners) {
    assert.deepEqual(offsets, [1, 2]);
    assert.equal(batches[0], listeners[0]?.batches[0]);
  }
  assert.deepEqual([...hub.active()], [{ channel: "a", subscribers: 3 }]);
  for (const stream of streams) hub.release(stream);
  assert.deepEqual([...hub.active()], []);
});

Deno.test("hub: keeps a channel open a while after the last has left, then lets it go", async () => {
  let now = 1;
  const { hub, calls } = started({ lingerMs: 40, now: () => now });
  await using _end = hub;
  const first = await hub.open("a", rules);
  hub.release(first);
  const again = await hub.open("a", rules);
  assert.equal(again, first);
  hub.release(again);
  now += 41;
  while (hub.size > 0) await turn();
  assert.deepEqual(calls, ["+a", "-a"]);
  const fresh = await hub.open("a", rules);
  assert.notEqual(fresh, first);
  assert.deepEqual(calls, ["+a", "-a", "+a"]);
});

Deno.test("hub: keeps so many open for nobody, no more", async () => {
  const { hub } = started({ maxLingering: 3 });
  await using _end = hub;
  for (let n = 0; n < 50; n++) hub.release(await hub.open(`c${n}`, rules));
  assert.ok(hub.size <= 4, `${hub.size} channels`);
});

Deno.test("hub: holds nothing of a channel the broker refuses, and tries again the next time", async () => {
  const { hub, calls, refused, errors } = started();
  await using _end = hub;
  refused.add("a");
  const results = await Promise.allSettled([hub.open("a", rules), hub.open("a", rules)]);
  assert.deepEqual(results.map(({ status }) => status), ["rejected", "rejected"]);
  assert.equal(hub.size, 0);
  refused.clear();
  const stream = await hub.open("a", rules);
  assert.equal(stream.order, "live");
  assert.deepEqual(calls, ["+a", "-a", "+a"]);
  assert.deepEqual(errors, []);
});

Deno.test("hub: one who is released twice takes nobody else's place", async () => {
  const { hub } = started();
  await using _end = hub;
  const stale = await hub.open("a", rules);
  hub.release(stale);
  await hub.open("a", rules);
  assert.deepEqual([...hub.active()], [{ channel: "a", subscribers: 1 }]);
});

Deno.test("hub: news of channels nobody has open is dropped", async () => {
  const { hub } = started();
  await using _end = hub;
  hub.brokerContext.head("x", { epoch: "e", offset: 3 });
  hub.brokerContext.signal("x", { kind: "join", info: { user: "u", client: "c" } });
  const position = { epoch: "e", offset: 1 };
  hub.brokerContext.deliver([{ channel: "x", position, body: "{}", time: 0 }]);
  assert.equal(hub.size, 0);
});
