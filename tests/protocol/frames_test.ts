import assert from "node:assert/strict";
import { BadFrame, type Command, decodeFrame } from "../../lib/protocol/commands.ts";

const subscribe = {
  method: "subscribe",
  id: 2,
  channel: "a",
  token: "",
  recover: null,
  numericId: false,
  strictRecovery: false,
  joinLeave: false,
  delta: "",
  type: "stream",
  phase: "live",
  limit: 0,
  cursor: "",
  position: null,
  filter: null,
  data: null,
} as const;
const publish = {
  method: "publish",
  id: 2,
  channel: "a",
  data: null,
  hasData: true,
  idempotencyKey: "",
  type: "stream",
  key: "",
  removed: false,
} as const;
const track = { method: "track", id: 2, channel: "a", batches: [], untrack: [] } as const;
const history = { method: "history", id: 2, channel: "a", limit: 0, since: null, reverse: false };

const good: [string, unknown, object][] = [
  ["connect", { id: 1, connect: {} }, { method: "connect", id: 1, token: "" }],
  ["connect with all fields", {
    id: 1,
    connect: { token: "t", data: {}, name: "js", version: "", subs: {}, flag: 3 },
  }, { method: "connect", id: 1, token: "t" }],
  ["the largest id", { id: 0xffff_ffff, connect: {} }, {
    method: "connect",
    id: 0xffff_ffff,
    token: "",
  }],
  ["null for absent", { id: 1, connect: { token: null } }, { method: "connect", id: 1, token: "" }],
  ["subscribe", { id: 2, subscribe: { channel: "a" } }, subscribe],
  ["subscribe with recovery", {
    id: 2,
    subscribe: { channel: "a", recover: true, epoch: "x", offset: 41, flag: 3, join_leave: true },
  }, {
    ...subscribe,
    recover: { epoch: "x", offset: 41 },
    position: { epoch: "x", offset: 41 },
    numericId: true,
    strictRecovery: true,
    joinLeave: true,
  }],
  [
    "a position without recover",
    { id: 2, subscribe: { channel: "a", epoch: "x", offset: 4 } },
    { ...subscribe, position: { epoch: "x", offset: 4 } },
  ],
  ["recovery from nothing", { id: 2, subscribe: { channel: "a", recover: true } }, {
    ...subscribe,
    recover: { epoch: "", offset: 0 },
  }],
  ["an unknown flag bit", { id: 2, subscribe: { channel: "a", flag: 4 } }, subscribe],
  ["a token and a delta", { id: 2, subscribe: { channel: "a", token: "t", delta: "fossil" } }, {
    ...subscribe,
    token: "t",
    delta: "fossil",
  }],
  ["the first page of a map", {
    id: 2,
    subscribe: { channel: "a", type: 1, phase: 2, limit: 100 },
  }, { ...subscribe, type: "map", phase: "state", limit: 100 }],
  ["a further page of a map", {
    id: 2,
    subscribe: { channel: "a", type: 1, phase: 2, cursor: "k2", offset: 5, epoch: "E" },
  }, {
    ...subscribe,
    type: "map",
    phase: "state",
    cursor: "k2",
    position: { epoch: "E", offset: 5 },
  }],
  ["a map's stream", {
    id: 2,
    subscribe: { channel: "a", type: 2, phase: 1, offset: 5, epoch: "E" },
  }, { ...subscribe, type: "clients", phase: "stream", position: { epoch: "E", offset: 5 } }],
  ["a map of users", { id: 2, subscribe: { channel: "a", type: 3 } }, {
    ...subscribe,
    type: "users",
  }],
  ["a shared poll", { id: 2, subscribe: { channel: "a", type: 4 } }, {
    ...subscribe,
    type: "shared_poll",
  }],
  ["a filter, as it is", { id: 2, subscribe: { channel: "a", tf: { x: 1 } } }, {
    ...subscribe,
    filter: { x: 1 },
  }],
  ["what the application adds", { id: 2, subscribe: { channel: "a", data: { room: 7 } } }, {
    ...subscribe,
    data: { room: 7 },
  }],
  ["unsubscribe", { id: 2, unsubscribe: { channel: "a" } }, {
    method: "unsubscribe",
    id: 2,
    channel: "a",
  }],
  ["publish", { id: 2, publish: { channel: "a", data: { x: 1 }, idempotency_key: "k" } }, {
    ...publish,
    data: { x: 1 },
    idempotencyKey: "k",
  }],
  ["publish of null", { id: 2, publish: { channel: "a", data: null } }, publish],
  ["publish of nothing", { id: 2, publish: { channel: "a" } }, {
    ...publish,
    data: undefined,
    hasData: false,
  }],
  ["publish of a key", { id: 2, publish: { channel: "a", type: 1, key: "k", data: 1 } }, {
    ...publish,
    type: "map",
    key: "k",
    data: 1,
  }],
  ["the removal of a key", { id: 2, publish: { channel: "a", type: 1, key: "k", removed: true } }, {
    ...publish,
    type: "map",
    key: "k",
    removed: true,
    data: undefined,
    hasData: false,
  }],
  ["presence", { id: 2, presence: { channel: "a" } }, { method: "presence", id: 2, channel: "a" }],
  ["presence_stats", { id: 2, presence_stats: { channel: "a" } }, {
    method: "presence_stats",
    id: 2,
    channel: "a",
  }],
  ["history", { id: 2, history: { channel: "a" } }, history],
  ["history with all fields", {
    id: 2,
    history: { channel: "a", limit: -1, since: { offset: 3, epoch: "x" }, reverse: true },
  }, { ...history, limit: -1, since: { offset: 3, epoch: "x" }, reverse: true }],
  ["history since nothing", { id: 2, history: { channel: "a", since: {} } }, {
    ...history,
    since: { epoch: "", offset: 0 },
  }],
  ["rpc", { id: 2, rpc: { method: "time", data: [1] } }, {
    method: "rpc",
    id: 2,
    name: "time",
  }],
  ["rpc without anything", { id: 2, rpc: {} }, { method: "rpc", id: 2, name: "" }],
  ["refresh", { id: 2, refresh: { token: "t" } }, { method: "refresh", id: 2, token: "t" }],
  ["sub_refresh", { id: 2, sub_refresh: { channel: "a", token: "t" } }, {
    method: "sub_refresh",
    id: 2,
    channel: "a",
    token: "t",
  }],
  ["track", {
    id: 2,
    sub_refresh: {
      channel: "a",
      type: 1,
      track: [{ signature: "s", items: [{ key: "k1", version: 2 }, { key: "k2" }] }],
      untrack: ["k3"],
    },
  }, {
    ...track,
    batches: [{ signature: "s", items: [{ key: "k1", version: 2 }, { key: "k2", version: 0 }] }],
    untrack: ["k3"],
  }],
  ["untrack", { id: 2, sub_refresh: { channel: "a", type: 2, untrack: ["k"] } }, {
    ...track,
    untrack: ["k"],
  }],
  ["send", { send: { data: 1 } }, { method: "send" }],
  ["send with an id", { id: 3, send: {} }, { method: "send" }],
];
for (const [what, frame, command] of good) {
  Deno.test(`frames: ${what}`, () => {
    assert.deepEqual(decodeFrame(JSON.stringify(frame)), [command]);
  });
}

const connect = '{"id":1,"connect":{}}';
const batches: [string, string, Command["method"][]][] = [
  ["the pong", "{}", ["pong"]],
  ["two commands", `${connect}\n{"id":2,"rpc":{}}`, ["connect", "rpc"]],
  ["a newline at the end", `${connect}\n`, ["connect"]],
  ["a pong among commands", `{}\n${connect}`, ["pong", "connect"]],
  ["a pong with spaces", " { } ", ["pong"]],
  ["ids that repeat", `${connect}\n${connect}`, ["connect", "connect"]],
  ["carriage returns", `${connect}\r\n${connect}\r\n`, ["connect", "connect"]],
];
for (const [what, frame, methods] of batches) {
  Deno.test(`frames: ${what}`, () => {
    assert.deepEqual(decodeFrame(frame).map(({ method }) => method), methods);
  });
}

const bad: [string, string | object][] = [
  ["an empty frame", ""],
  ["a newline alone", "\n"],
  ["spaces alone", "  "],
  ["two newlines at the end", `${connect}\n\n`],
  ["a blank line between", `${connect}\n\n${connect}`],
  ["a blank line first", `\n${connect}`],
  ["broken JSON", '{"id":1,'],
  ["two values on one line", `${connect}${connect}`],
  ["a good command and a bad one", `${connect}\nx`],
  ["an array", "[]"],
  ["a number", "1"],
  ["null", "null"],
  ["a string", '"connect"'],
  ["no id", { connect: {} }],
  ["id 0", { id: 0, connect: {} }],
  ["a negative id", { id: -1, connect: {} }],
  ["an id with a fraction", { id: 1.5, connect: {} }],
  ["an id that is text", { id: "1", connect: {} }],
  ["an id above 32 bits", { id: 0x1_0000_0000, connect: {} }],
  ["id null", { id: null, connect: {} }],
  ["an unknown method without an id", { map_publish: {} }],
  ["send that is null", { send: null }],
];
for (const [what, frame] of bad) {
  Deno.test(`frames: refuses ${what}`, () => {
    const text = typeof frame === "string" ? frame : JSON.stringify(frame);
    assert.throws(() => decodeFrame(text), BadFrame);
  });
}

/** What is told of a command that can be answered. */
const unreadable: [string, string | object, RegExp][] = [
  ["an id alone", { id: 1 }, /^unknown method$/],
  ["an unknown method", { id: 1, map_publish: {} }, /^unknown method$/],
  ["ping", { id: 1, ping: {} }, /^unknown method$/],
  ["a method of Object", { id: 1, constructor: {}, toString: {} }, /^unknown method$/],
  ["a method in the prototype", '{"id":1,"__proto__":{"connect":{}}}', /^unknown method$/],
  ["two methods", { id: 1, connect: {}, rpc: {} }, /^command has both connect and rpc$/],
  ["a method that is null", { id: 1, connect: null }, /^connect is not an object$/],
  ["a method that is an array", { id: 1, connect: [] }, /^connect is not an object$/],
  ["a method that is text", { id: 1, connect: "x" }, /^connect is not an object$/],
  ["a token that is a number", { id: 1, connect: { token: 1 } }, /^token is not a string$/],
  ["no channel", { id: 1, subscribe: {} }, /^channel is empty$/],
  ["an empty channel", { id: 1, subscribe: { channel: "" } }, /^channel is empty$/],
  [
    "a channel that is a number",
    { id: 1, publish: { channel: 5, data: 1 } },
    /^channel is not a string$/,
  ],
  [
    "recover that is text",
    { id: 1, subscribe: { channel: "a", recover: "yes" } },
    /^recover is not true or false$/,
  ],
  [
    "a negative offset",
    { id: 1, subscribe: { channel: "a", recover: true, offset: -1 } },
    /^offset is negative$/,
  ],
  [
    "an offset with a fraction",
    { id: 1, subscribe: { channel: "a", recover: true, offset: 1.5 } },
    /^offset is not a whole number$/,
  ],
  [
    "an offset above 2^53",
    '{"id":1,"subscribe":{"channel":"a","recover":true,"offset":1e300}}',
    /^offset is not a whole number$/,
  ],
  [
    "a flag that is text",
    { id: 1, subscribe: { channel: "a", flag: "1" } },
    /^flag is not a whole number$/,
  ],
  [
    "a limit that is text",
    { id: 1, history: { channel: "a", limit: "5" } },
    /^limit is not a whole number$/,
  ],
  [
    "since that is a number",
    { id: 1, history: { channel: "a", since: 5 } },
    /^since is not an object$/,
  ],
  [
    "a negative since",
    { id: 1, history: { channel: "a", since: { offset: -1 } } },
    /^offset is negative$/,
  ],
  [
    "an unknown subscription type",
    { id: 1, subscribe: { channel: "a", type: 5 } },
    /^type is not a number from 0 to 4$/,
  ],
  [
    "a negative subscription type",
    { id: 1, subscribe: { channel: "a", type: -1 } },
    /^type is not a number from 0 to 4$/,
  ],
  [
    "an unknown phase",
    { id: 1, subscribe: { channel: "a", type: 1, phase: 3 } },
    /^phase is not a number from 0 to 2$/,
  ],
  [
    "a cursor that is a number",
    { id: 1, subscribe: { channel: "a", type: 1, cursor: 1 } },
    /^cursor is not a string$/,
  ],
  [
    "a key that is a number",
    { id: 1, publish: { channel: "a", type: 1, key: 1, data: 1 } },
    /^key is not a string$/,
  ],
  [
    "removed that is text",
    { id: 1, publish: { channel: "a", key: "k", removed: "yes" } },
    /^removed is not true or false$/,
  ],
  [
    "track that is an object",
    { id: 1, sub_refresh: { channel: "a", type: 1, track: {} } },
    /^track is not a list$/,
  ],
  [
    "a batch that is text",
    { id: 1, sub_refresh: { channel: "a", type: 1, track: ["k"] } },
    /^track has something that/,
  ],
  ["an item that is text", {
    id: 1,
    sub_refresh: { channel: "a", type: 1, track: [{ items: ["k"] }] },
  }, /^items has something that/],
  [
    "untrack of a number",
    { id: 1, sub_refresh: { channel: "a", type: 2, untrack: [1] } },
    /^key is not a string$/,
  ],
];
for (const [what, frame, reason] of unreadable) {
  Deno.test(`frames: has something to answer to ${what}`, () => {
    const text = typeof frame === "string" ? frame : JSON.stringify(frame);
    const [command, ...others] = decodeFrame(text);
    assert.ok(command?.method === "unreadable" && command.id === 1, JSON.stringify(command));
    assert.match(command.reason, reason);
    assert.deepEqual(others, []);
  });
}

Deno.test("frames: one that can be answered leaves the others of its frame as they are", () => {
  const frame = `${connect}\n{"id":2,"subscribe":{"channel":""}}\n{"id":3,"rpc":{}}`;
  assert.deepEqual(decodeFrame(frame).map(({ method }) => method), [
    "connect",
    "unreadable",
    "rpc",
  ]);
});
