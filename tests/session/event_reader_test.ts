/** How `/v1/events` requests open their channels, and let go of them. */
import assert from "node:assert/strict";
import { memoryBroker } from "../../lib/broker/memory.ts";
import { ChannelRegistry, keyedDefaults, type Namespace } from "../../lib/channels.ts";
import type { Node } from "../../lib/node/node.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { parseFilter } from "../../lib/protocol/filter.ts";
import { EventGroups } from "../../lib/session/event_group.ts";
import { EventReader, type EventRequest } from "../../lib/session/event_reader.ts";
import { longPoll } from "../../lib/session/long_poll.ts";
import { turn } from "../broker/waiting.ts";
import { quickLoop } from "./harness.ts";
import { makeNode } from "./node.ts";

const rules: Namespace = {
  name: "map",
  history: { size: 100, ttlMs: 60_000 },
  recover: true,
  presence: false,
  joinLeave: false,
  keyed: keyedDefaults,
  presenceIn: null,
  filter: false,
  allow: { subscribe: "anyone", publish: "nobody", presence: "nobody", history: "nobody" },
};

function world(begun: (channel: string) => Promise<void> = () => Promise.resolve()) {
  const loop = quickLoop();
  const node = makeNode({
    registry: new ChannelRegistry([rules]),
    broker: (context) => memoryBroker(context),
    onError: (error) => assert.fail(String(error)),
    lingerMs: 1_000_000,
    demand: { begun: ({ channel }) => begun(channel), ended() {} },
    pacer: loop.pacer,
  });
  return { node, ...disposing(node, loop) };
}

function disposing(node: Node, loop: ReturnType<typeof quickLoop>): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      node.presenceInState[Symbol.dispose]();
      await node.sharedPolls[Symbol.asyncDispose]();
      await node.hub[Symbol.asyncDispose]();
      await node.broker[Symbol.asyncDispose]();
      await loop.ended();
    },
  };
}

function requestOf(channels: string[], more: Partial<EventRequest> = {}): EventRequest {
  return {
    channels,
    rules: channels.map(() => rules),
    from: null,
    filter: null,
    everyMs: 0,
    ...more,
  };
}

Deno.test("event reader: channels that take time to be ready do so side by side", async () => {
  const preparing = new Map<string, () => void>();
  await using made = world((channel) => new Promise((go) => void preparing.set(channel, go)));
  const reader = new EventReader(made.node, requestOf(["map:a", "map:b", "map:c"]));
  const starting = reader.start();
  for (let turns = 0; turns < 20 && preparing.size < 3; turns++) await turn();
  assert.deepEqual([...preparing.keys()], ["map:a", "map:b", "map:c"]);
  for (const go of preparing.values()) go();
  const starts = await starting;
  assert.deepEqual(starts.map(({ channel }) => channel), ["map:a", "map:b", "map:c"]);
  reader.release();
});

Deno.test("event reader: lets go of the others when one channel is refused", async () => {
  await using made = world((channel) =>
    channel === "map:b" ? Promise.reject(new ProtocolError("limitExceeded")) : Promise.resolve()
  );
  const reader = new EventReader(made.node, requestOf(["map:a", "map:b", "map:c"]));
  await assert.rejects(reader.start(), (error: ProtocolError) => error.code === 106);
  reader.release();
  assert.deepEqual([...made.node.hub.active()], []);
});

Deno.test("long-poll: a node that is behind tells of a key that left a filter, if another gave only some", async () => {
  let heard = true;
  const loop = quickLoop();
  const node = makeNode({
    registry: new ChannelRegistry([rules]),
    // The news of other nodes can be lost on their way to this one.
    broker: (context) =>
      memoryBroker({ ...context, deliver: (all) => heard ? context.deliver(all) : undefined }),
    onError: (error) => assert.fail(String(error)),
    lingerMs: 1_000_000,
    pacer: loop.pacer,
  });
  await using _ = disposing(node, loop);
  const put = async (key: string, color: string) => {
    const { position } = await node.publisher.publishKey("map:a", key, 1, { tags: { color } });
    assert.ok(position !== null);
    return position;
  };
  const stream = await node.hub.open("map:a", rules);
  const first = await put("k", "green");
  await put("k", "blue");
  const place = await put("other", "green");
  await stream.reach(place.offset);
  heard = false;
  await put("k", "blue");
  // The other node was at the end of the log, and gave no more than the second of two changes.
  const answer = await longPoll({
    node,
    groups: new EventGroups(),
    request: requestOf(["map:a"], {
      from: [{ ...place, base: first.offset }],
      filter: parseFilter("color!=blue"),
    }),
    identity: { user: "", anonymous: true, expiresAt: null },
    waitMs: 500,
    signal: new AbortController().signal,
  });
  const { messages } = JSON.parse(answer);
  assert.deepEqual(messages.map(({ pub }: { pub: object }) => pub), [
    { key: "k", removed: true, offset: 4, time: messages[0]?.pub.time },
  ]);
  node.hub.release(stream);
});

Deno.test("long-poll: who has gone before the wait begins does not keep its place", async () => {
  await using made = world();
  const { node } = made;
  const { position } = await node.publisher.publishKey("map:a", "k", 1);
  await node.publisher.publishKey("map:a", "k", 2);
  assert.ok(node.sessions.admit());
  const began = performance.now();
  await longPoll({
    node,
    groups: new EventGroups(),
    request: requestOf(["map:a"], { from: [position], everyMs: 50_000 }),
    identity: { user: "", anonymous: true, expiresAt: null },
    waitMs: 5_000,
    signal: AbortSignal.abort(),
  });
  assert.equal(node.sessions.taken, 0);
  assert.ok(performance.now() - began < 4_000);
});
