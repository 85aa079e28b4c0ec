/** Long-poll clients in presence: one for each user, for as long as requests come. */
import assert from "node:assert/strict";
import { memoryBroker } from "../../lib/broker/memory.ts";
import { ChannelRegistry, keyedDefaults, type Namespace } from "../../lib/channels.ts";
import type { Identity } from "../../lib/auth/identity.ts";
import { PollAttendances, type PollAttendancesOptions } from "../../lib/session/poll_attendance.ts";
import { turn } from "../broker/waiting.ts";
import { VirtualTime } from "../support/virtual_time.ts";
import { makeNode } from "./node.ts";

const room: Namespace = {
  name: "room",
  history: { size: 10, ttlMs: 60_000 },
  recover: true,
  presence: true,
  joinLeave: true,
  keyed: null,
  presenceIn: { clients: "who:" },
  filter: false,
  allow: { subscribe: "user", publish: "nobody", presence: "subscriber", history: "nobody" },
};
const plain: Namespace = { ...room, name: "plain", presence: false, presenceIn: null };
const who: Namespace = {
  ...plain,
  name: "who",
  joinLeave: false,
  keyed: { ...keyedDefaults, kind: "clients", ttlMs: null },
};

function world(options?: PollAttendancesOptions, subscriptions = 128) {
  const time = new VirtualTime(1_000_000);
  const told: string[] = [];
  const node = makeNode({
    registry: new ChannelRegistry([room, plain, who]),
    broker: (context) => memoryBroker(context),
    limits: { subscriptions },
    onError: (error) => assert.fail(String(error)),
  });
  const { broker } = node;
  const { publish } = broker;
  broker.publish = (channel, draft, rest) => {
    told.push(`${draft.removed ? "-" : "+"}${channel}`);
    return publish.call(broker, channel, draft, rest);
  };
  const attendances = new PollAttendances(node, options);
  const request = (user: string, channels = ["room:a"], isFirst = false) => {
    const identity: Identity = { user, expiresAt: null, anonymous: user === "" };
    const rules = channels.map((channel) => node.registry.rules(channel));
    const from = isFirst ? null : channels.map(() => null);
    return attendances.enter(identity, { channels, rules, from, filter: null, everyMs: 0 });
  };
  const users = async (channel = "room:a") => {
    await turn();
    return [...(await node.presence.list(channel)).values()].map(({ user }) => user).sort();
  };
  return {
    time,
    told,
    node,
    attendances,
    request,
    users,
    async [Symbol.asyncDispose]() {
      attendances[Symbol.dispose]();
      await turn();
      node.presenceInState[Symbol.dispose]();
      await node.sharedPolls[Symbol.asyncDispose]();
      await node.hub[Symbol.asyncDispose]();
      await node.broker[Symbol.asyncDispose]();
      time[Symbol.dispose]();
    },
  };
}

Deno.test("long-poll presence: from request to request, and gone when none comes any more", async () => {
  await using it = world({ lingerMs: 10_000 });
  for (let i = 0; i < 5; i++) {
    const answered = it.request("an");
    it.time.step(25_000);
    assert.deepEqual(await it.users(), ["an"]);
    answered();
    assert.equal(it.time.step(9_999), false);
  }
  assert.deepEqual(it.told, ["+who:room:a"]);
  assert.equal(it.time.step(1), true);
  assert.deepEqual(await it.users(), []);
  assert.deepEqual(it.told, ["+who:room:a", "-who:room:a"]);
  it.request("an");
  assert.deepEqual(await it.users(), ["an"]);
});

Deno.test("long-poll presence: a user's requests side by side are one client, each channel by itself", async () => {
  await using it = world({ lingerMs: 10_000 });
  const first = it.request("an", ["room:a", "plain:x"]);
  const second = it.request("an", ["room:a", "room:b"]);
  it.request("bo");
  assert.deepEqual([await it.users(), await it.users("room:b")], [["an", "bo"], ["an"]]);
  const ids = async (channel: string) =>
    [...(await it.node.presence.list(channel)).values()]
      .filter(({ user }) => user === "an").map(({ client }) => client);
  assert.deepEqual(await ids("room:a"), await ids("room:b"));
  assert.deepEqual(await it.users("plain:x"), []);
  second();
  it.time.step(10_000);
  assert.deepEqual([await it.users(), await it.users("room:b")], [["an", "bo"], []]);
  first();
  it.time.step(10_000);
  assert.deepEqual(await it.users(), ["bo"]);
});

Deno.test("long-poll presence: who has not been answered yet, or is nobody, is not there", async () => {
  await using it = world();
  it.request("an", ["room:a"], true)();
  it.request("")();
  assert.deepEqual(await it.users(), []);
});

Deno.test("long-poll presence: bounded in users and in channels of one", async () => {
  await using it = world({ maxUsers: 2, lingerMs: 10_000 }, 2);
  const answered = ["an", "bo", "ca"].map((user) => it.request(user));
  assert.deepEqual(await it.users(), ["an", "bo"]);
  it.request("an", ["room:a", "room:b", "room:c"]);
  assert.deepEqual([await it.users("room:b"), await it.users("room:c")], [["an"], []]);
  answered[1]?.();
  it.time.step(10_000);
  it.request("ca");
  assert.deepEqual(await it.users(), ["an", "ca"]);
});

Deno.test("long-poll presence: an end takes everybody out, and what is answered later changes nothing", async () => {
  await using it = world({ lingerMs: 10_000 });
  const answered = it.request("an");
  assert.deepEqual(await it.users(), ["an"]);
  it.attendances[Symbol.dispose]();
  assert.deepEqual(await it.users(), []);
  answered();
  assert.equal(it.time.step(60_000), false);
});
