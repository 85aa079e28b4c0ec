/** State channels on `/v1/events`, in this process and by a clock of the test's. */
import assert from "node:assert/strict";
import { anonymous } from "../../lib/auth/identity.ts";
import { memoryBroker } from "../../lib/broker/memory.ts";
import { ChannelRegistry, keyedDefaults, type Namespace } from "../../lib/channels.ts";
import { Pacer } from "../../lib/hub/pacer.ts";
import { decodeCursor, type Places } from "../../lib/protocol/cursor.ts";
import { disconnects } from "../../lib/protocol/disconnects.ts";
import { parseFilter } from "../../lib/protocol/filter.ts";
import { EventGroups } from "../../lib/session/event_group.ts";
import type { EventRequest } from "../../lib/session/event_reader.ts";
import { openEventSession } from "../../lib/session/event_session.ts";
import { longPoll } from "../../lib/session/long_poll.ts";
import { range } from "../broker/engine.ts";
import { turn } from "../broker/waiting.ts";
import { SseParser } from "../support/clients/sse.ts";
import { roomRights } from "../support/rooms.ts";
import { VirtualTime } from "../support/virtual_time.ts";
import { makeNode } from "./node.ts";

const began = Date.UTC(2030, 0);

interface Asking {
  readonly cursor?: string;
  readonly filter?: string;
  readonly everyMs?: number;
}

interface Answer {
  readonly cursor: string;
  readonly channels?: Record<
    string,
    { state?: { key: string }[]; more?: boolean; keyed?: boolean }
  >;
  readonly messages: { channel: string; pub: { key: string; removed?: true; data?: unknown } }[];
}

function world(channels: readonly string[] = ["m:a"]) {
  const time = new VirtualTime(began);
  const errors: string[] = [];
  const rules = {
    history: { size: 1_000, ttlMs: 3_600_000 },
    recover: true,
    presence: false,
    joinLeave: false,
    presenceIn: null,
    filter: true,
    allow: roomRights,
  };
  const namespaces: Namespace[] = [
    { ...rules, name: "m", keyed: keyedDefaults },
    { ...rules, name: "plain", keyed: null },
  ];
  const node = makeNode({
    registry: new ChannelRegistry(namespaces),
    broker: (context) => memoryBroker(context),
    pacer: new Pacer({ later: (run, ms) => void setTimeout(run, ms) }),
    onError: (error, stage) => void errors.push(`${stage}: ${error}`),
  });
  const groups = new EventGroups();
  const common = { node, groups, identity: anonymous };
  const request = ({ cursor, filter, everyMs = 0 }: Asking): EventRequest => ({
    channels,
    rules: channels.map((channel) => node.registry.rules(channel)),
    from: cursor === undefined ? null : decodeCursor(cursor, channels),
    filter: filter === undefined ? null : parseFilter(filter),
    everyMs,
  });
  return {
    time,
    node,
    errors,
    async poll(asking: Asking = {}, waitMs = 10_000): Promise<Answer> {
      const { signal } = new AbortController();
      const answer = await longPoll({ ...common, request: request(asking), waitMs, signal });
      return JSON.parse(answer) as Answer;
    },
    stream: (asking: Asking = {}) =>
      openEventSession({ ...common, request: request(asking), joinLeave: false }),
    put: (key: string, data: unknown, color = "red") =>
      node.publisher.publishKey("m:a", key, data, { tags: { color } }),
    places: (cursor: string): Places => decodeCursor(cursor, channels),
    async pass(ms: number) {
      const until = time.now + ms;
      await turn();
      while (time.step(until - time.now)) await turn();
      await turn();
    },
    async [Symbol.asyncDispose]() {
      node.sessions.shutdown();
      await turn();
      await node.hub[Symbol.asyncDispose]();
      await node.broker[Symbol.asyncDispose]();
      time[Symbol.dispose]();
      assert.deepEqual(errors, []);
    },
  };
}

const told = ({ messages }: Answer) =>
  messages.map(({ pub: { key, removed, data } }) => removed ? `-${key}` : `${key}=${data}`);

/** The answer, once time has brought it. */
async function answered(
  { pass }: ReturnType<typeof world>,
  answer: Promise<Answer>,
  stepMs = 10,
): Promise<Answer> {
  let done = false;
  answer.finally(() => done = true).catch(() => {});
  while (!done) await pass(stepMs);
  return await answer;
}

Deno.test("state long-poll: updates come so often, however often it asks", async () => {
  await using all = world();
  await all.put("k", 0);
  let { cursor } = await answered(all, all.poll());
  const arrivals: number[] = [];
  for (let value = 1; arrivals.length < 4;) {
    const answer = all.poll({ cursor, everyMs: 1_000 });
    let done = false;
    answer.finally(() => done = true);
    while (!done) {
      await all.put("k", value++);
      await all.pass(50);
    }
    ({ cursor } = await answer);
    const { messages } = await answer;
    assert.ok(messages.length <= 1, "the latest of the key alone");
    if (messages.length > 0) arrivals.push(all.time.now);
  }
  for (const [i, at] of arrivals.slice(1).entries()) assert.ok(at - (arrivals[i] ?? 0) >= 900);
});

for (const [when, close] of [["the server ends it", true], ["its time is over", false]] as const) {
  Deno.test(`state long-poll: nothing is lost when ${when} before the update is due`, async () => {
    await using all = world();
    await all.put("k", 0);
    const { cursor } = await answered(all, all.poll());
    const waiting = all.poll({ cursor, everyMs: 60_000 }, 2_000);
    await all.pass(500);
    await all.put("k", 1);
    await all.pass(500);
    if (close) {
      for (const one of all.node.sessions.users()) {
        all.node.sessions.disconnect(one, undefined, disconnects.shutdown);
      }
    }
    const answer = await answered(all, waiting);
    assert.deepEqual(told(answer), []);
    assert.equal(answer.cursor, cursor);
    assert.deepEqual(told(await answered(all, all.poll({ cursor: answer.cursor }))), ["k=1"]);
  });
}

Deno.test("state long-poll: one that does not wait is not held to a rate", async () => {
  await using all = world();
  await all.put("k", 0);
  const { cursor } = await answered(all, all.poll());
  await all.put("k", 1);
  await all.pass(10);
  assert.deepEqual(told(await all.poll({ cursor, everyMs: 60_000 }, 0)), ["k=1"]);
});

Deno.test("state long-poll: what a filter holds back wakes nobody, and moves the cursor", async () => {
  await using all = world();
  await all.put("a", 0);
  await all.put("b", 0, "blue");
  const asking = { filter: "color=red" };
  const { cursor } = await answered(all, all.poll(asking));
  // Also of what came while it was not there.
  await all.put("b", 1, "blue");
  const waiting = all.poll({ ...asking, cursor }, 3_000);
  await all.pass(1_000);
  await all.put("b", 2, "blue");
  const answer = await answered(all, waiting);
  assert.deepEqual(told(answer), []);
  assert.equal(all.time.now - began >= 3_000, true);
  assert.deepEqual(all.places(answer.cursor).map((place) => place?.offset), [4]);
});

Deno.test("state long-poll: a cursor in the midst of conflated changes says so", async () => {
  await using all = world();
  const filter = "color=red";
  for (const n of range(1, 1_100)) await all.put(`k${n}`, n);
  let answer = await answered(all, all.poll({ filter }));
  while (Object.values(answer.channels ?? {}).some(({ more }) => more)) {
    answer = await answered(all, all.poll({ filter, cursor: answer.cursor }));
  }
  const { cursor } = answer;
  // All change, most of them twice; the second half leaves the filter.
  for (const n of range(1, 1_100)) await all.put(`k${n}`, n, n > 550 ? "blue" : "red");
  for (const n of range(1, 1_100)) await all.put(`k${n}`, n, n > 550 ? "blue" : "red");
  await all.pass(1_000);
  const first = await answered(all, all.poll({ filter, cursor }));
  assert.equal(first.messages.length, 1_000);
  const [place] = all.places(first.cursor);
  assert.equal(place?.base, 1_100);
  // What it was given last time is long gone for it, too.
  const rest = await answered(all, all.poll({ filter, cursor: first.cursor }));
  assert.equal(rest.messages.length, 100);
  assert.ok(rest.messages.every(({ pub }) => pub.removed));
  assert.equal(all.places(rest.cursor)[0]?.base, undefined);
});

Deno.test("state stream: a slow reader is given the latest of each key, and all of a plain channel", async () => {
  await using all = world(["m:a", "plain:b"]);
  const { body } = await all.stream();
  const reader = body?.getReader() ?? assert.fail("no body");
  const events: { name: string; json: Answer["messages"][number] }[] = [];
  const parser = new SseParser(
    (name, data) => events.push({ name, json: JSON.parse(data) }),
    () => {},
  );
  const lasts = new Set<unknown>(["end", 300]);
  const readOn = async () => {
    while (lasts.size > 0) {
      const { value } = await reader.read();
      parser.push(new TextDecoder().decode(value));
      for (const { json } of events) lasts.delete(json.pub?.data);
    }
  };
  await all.pass(100);
  const big = "x".repeat(20_000);
  for (const n of range(1, 300)) {
    await all.put(`k${n % 3}`, big + n);
    if (n % 50 === 0) await all.node.publisher.publish("plain:b", n);
    await all.pass(5);
  }
  await all.put("k0", "end");
  const reading = readOn();
  while (lasts.size > 0) await all.pass(20);
  await reading;
  const of = (channel: string) =>
    events.filter(({ name, json }) => name === "message" && json.channel === channel);
  assert.deepEqual(of("plain:b").map(({ json }) => json.pub.data), range(1, 6).map((n) => n * 50));
  const keyed = of("m:a").map(({ json }) => json.pub);
  assert.ok(keyed.length < 50, `${keyed.length} of 301`);
  const mirror = new Map(keyed.map(({ key, data }) => [key, data]));
  assert.deepEqual([...mirror].sort(), [["k0", "end"], ["k1", `${big}298`], ["k2", `${big}299`]]);
  await reader.cancel();
});

Deno.test("state channels say so where they start, in both forms, and plain ones do not", async () => {
  await using all = world(["m:a", "plain:b"]);
  await all.put("k", 0);
  const startsOf = (channels: Record<string, { keyed?: boolean }> = {}) =>
    Object.entries(channels).map(([name, { keyed }]) => [name, keyed]);
  const { body } = await all.stream();
  const reader = body?.getReader() ?? assert.fail("no body");
  const subscribed: unknown[] = [];
  const parser = new SseParser((name, data) => {
    if (name === "subscribed") subscribed.push(startsOf(JSON.parse(data).channels));
  }, () => {});
  const readUntil = async (count: number) => {
    while (subscribed.length < count) {
      const next = reader.read();
      await all.pass(20);
      parser.push(new TextDecoder().decode((await next).value));
    }
  };
  await readUntil(1);
  const first = await answered(all, all.poll());
  const both = [["m:a", true], ["plain:b", undefined]];
  assert.deepEqual([subscribed, startsOf(first.channels)], [[both], both]);

  // Also where it begins anew.
  await all.node.broker.clear("m:a");
  await readUntil(2);
  const anew = await answered(all, all.poll({ cursor: first.cursor }));
  assert.deepEqual([subscribed[1], startsOf(anew.channels)], [[["m:a", true]], [["m:a", true]]]);
  await reader.cancel();
});
