/** Sessions at a pace of their client's, by a clock of the test's. */
import assert from "node:assert/strict";
import { anonymous } from "../../lib/auth/identity.ts";
import { memoryBroker } from "../../lib/broker/memory.ts";
import { ChannelRegistry, namespaces } from "../../lib/channels.ts";
import { Pacer } from "../../lib/hub/pacer.ts";
import { disconnects } from "../../lib/protocol/disconnects.ts";
import { isReply } from "../../lib/protocol/replies.ts";
import { EventGroups } from "../../lib/session/event_group.ts";
import { type EventSessionOptions, openEventSession } from "../../lib/session/event_session.ts";
import { Session } from "../../lib/session/session.ts";
import { BatchedTransport, joinTexts } from "../../lib/transport/batched.ts";
import { Grid } from "../../lib/transport/grid.ts";
import { turn } from "../broker/waiting.ts";
import { VirtualTime } from "../support/virtual_time.ts";
import { harness } from "./harness.ts";
import { makeNode } from "./node.ts";

const began = Date.UTC(2030, 0);

/** A chunk of the body and when it came, in milliseconds from the start. */
type Chunk = readonly [number, string];

function world() {
  const time = new VirtualTime(began);
  const errors: string[] = [];
  const onError = (error: unknown, stage: string) => void errors.push(`${stage}: ${error}`);
  const registry = new ChannelRegistry(namespaces);
  const node = makeNode({
    registry,
    broker: (context) => memoryBroker(context),
    pacer: new Pacer({ later: (run, ms) => void setTimeout(run, ms) }),
    onError,
  });
  const grid = new Grid(onError);
  const groups = new EventGroups();
  const channels = ["public:a"];
  const rules = channels.map((channel) => registry.rules(channel));
  const request = { channels, rules, from: null, filter: null, everyMs: 0 };
  return {
    time,
    node,
    publish: (data: unknown) => node.publisher.publish("public:a", data),
    async pass(ms: number) {
      const until = time.now + ms;
      await turn();
      while (time.step(until - time.now)) await turn();
      await turn();
    },
    /** What an event stream carries. */
    async stream(asked: Partial<EventSessionOptions> & { readonly windowMs?: number }) {
      const { windowMs, ...more } = asked;
      const batch = windowMs === undefined ? undefined : { windowMs, grid };
      const common = { node, groups, request, identity: anonymous, joinLeave: false };
      const { body } = await openEventSession({ ...common, batch, ...more });
      const chunks: Chunk[] = [];
      const decoder = new TextDecoder();
      const reader = body?.getReader();
      const read = (async () => {
        for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
          chunks.push([time.now - began, decoder.decode(next.value)]);
        }
      })();
      const leave = async () => {
        await reader?.cancel();
        await read;
      };
      const about = (text: string) => chunks.filter(([, chunk]) => chunk.includes(text));
      return { chunks, about, leave, read };
    },
    async [Symbol.asyncDispose]() {
      node.sessions.shutdown();
      await turn();
      await node.hub[Symbol.asyncDispose]();
      await node.broker[Symbol.asyncDispose]();
      assert.equal(time.step(100_000), false, "no timer is left");
      time[Symbol.dispose]();
      assert.deepEqual(errors, []);
    },
  };
}

Deno.test("sse pace: comments come as often as the client asked for", async () => {
  await using all = world();
  const streams = [await all.stream({ pingSeconds: 10 }), await all.stream({})];
  await all.pass(60_000);
  const times = streams.map(({ about }) => about(": \n").map(([at]) => at));
  assert.deepEqual(times.map(({ length }) => length), [6, 4]);
  for (const [i, periodMs] of [10_000, 15_000].entries()) {
    const [first = 0] = times[i] ?? [];
    assert.deepEqual(times[i], times[i]?.map((_, n) => first + n * periodMs));
  }
});

Deno.test("sse probe: comes once, at its time, and moves no cursor", async () => {
  await using all = world();
  const { chunks, about } = await all.stream({ probeMs: 700 });
  await all.pass(699);
  assert.deepEqual(about("probe"), []);
  await all.pass(2_000);
  const probe = `event: probe\ndata: {"time":${began + 700}}\n\n`;
  assert.deepEqual(about("probe"), [[700, probe]]);
  assert.ok(chunks.every(([at]) => at === 0 || at === 700));
});

Deno.test("sse pace: timers end with the session", async () => {
  await using all = world();
  /** Timers that run after a session of which nothing is left but its channel. */
  const timersAfter = async (asked: Parameters<typeof all.stream>[0]) => {
    const { leave } = await all.stream(asked);
    await all.pass(1);
    await all.publish(1);
    await all.pass(1);
    await leave();
    let count = 0;
    while (all.time.step(60_000)) count++;
    return count;
  };
  const usual = await timersAfter({});
  assert.equal(await timersAfter({ probeMs: 10_000, windowMs: 1_000, pingSeconds: 60 }), usual);
});

Deno.test("sse batch: messages come together, the start and the probe at once", async () => {
  await using all = world();
  await all.pass(30);
  const { chunks, about } = await all.stream({ windowMs: 200, probeMs: 150 });
  await all.pass(1);
  assert.deepEqual(about("event: subscribed").map(([at]) => at), [30]);
  for (const data of ["one", "two", "three"]) {
    await all.publish(data);
    await all.pass(20);
  }
  assert.deepEqual(about('data: {"channel"'), []);
  await all.pass(1_000);
  const [first, ...rest] = about('data: {"channel"');
  assert.deepEqual(rest, []);
  assert.equal(first?.[0], 200);
  assert.match(first?.[1] ?? "", /one[^]*two[^]*three/);
  assert.deepEqual(about("probe").map(([at]) => at), [180]);
  assert.equal(chunks.length, 4);
});

Deno.test("sse batch: the end comes at once, behind what was gathered", async () => {
  await using all = world();
  const { chunks, read } = await all.stream({ windowMs: 1_000 });
  await all.pass(1);
  await all.publish("last");
  await all.pass(100);
  all.node.sessions.shutdown();
  await read;
  const [message, end] = chunks.slice(-2);
  assert.match(message?.[1] ?? "", /"last"/);
  assert.match(end?.[1] ?? "", /^event: disconnect/);
  assert.deepEqual([message?.[0], end?.[0]], [101, 101]);
});

Deno.test("websocket pace: the connect reply tells the ping asked for, and its grace holds", async () => {
  await using all = harness();
  const { transport } = all.open();
  const session = new Session(all.node, transport, { pingSeconds: 10 });
  session.receive('{"id":1,"connect":{}}');
  const [reply] = await transport.texts.count(1);
  assert.equal(JSON.parse(reply ?? "").connect.ping, 10);
  const seconds: number[] = [];
  for (let second = 1; transport.closed.all.length === 0; second++) {
    const had = transport.texts.all.length;
    all.node.pings.tick();
    if (transport.texts.all.length > had) seconds.push(second);
    assert.ok(second <= 18, "it was given too long");
  }
  assert.equal(seconds.length, 1);
  assert.deepEqual(transport.closed.all, [disconnects.noPong]);
  session.closed();
});

Deno.test("websocket batch: pushes and pings share a frame, replies wait for nothing", async () => {
  await using all = world();
  const frames: (readonly [number, string])[] = [];
  const batched = new BatchedTransport<string>(
    {
      name: "websocket",
      backlog: 0,
      send(text) {
        const kinds = text.split("\n").map((line) => Object.keys(JSON.parse(line)).join(" "));
        frames.push([all.time.now - began, kinds.join()]);
      },
      close() {
        batched.stop();
        session.closed();
      },
    },
    { windowMs: 100, grid: new Grid(all.node.onError), join: joinTexts, isUrgent: isReply },
  );
  const session = new Session(all.node, batched);
  session.receive('{"id":1,"connect":{}}\n{"id":2,"subscribe":{"channel":"public:a"}}');
  await all.pass(10);
  assert.deepEqual(frames.splice(0), [[0, "id connect"], [0, "id subscribe"]]);
  await all.publish(1);
  await all.pass(10);
  await all.publish(2);
  await all.pass(10);
  session.beat();
  await all.pass(500);
  assert.deepEqual(frames.splice(0), [[100, "push,push,"]]);
  await all.publish(3);
  await all.pass(10);
  session.receive('{"id":3,"rpc":{"method":"time"}}');
  await all.pass(500);
  assert.deepEqual(frames, [[540, "push,id rpc"]]);
});
