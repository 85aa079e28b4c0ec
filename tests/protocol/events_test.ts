/** The text of event streams and long-poll answers, read back as a client reads it. */
import assert from "node:assert/strict";
import {
  cursorBlock,
  disconnectBlock,
  encodeLongPoll,
  encodeStarts,
  heartbeatBlock,
  messageBlock,
  signalBlock,
  stateBlock,
  subscribedBlock,
} from "../../lib/protocol/events.ts";
import { encodeBody } from "../../lib/protocol/publication.ts";

/** Fields of a block; data lines joined, as the standard says. */
function read(block: string): Record<string, string> {
  assert.ok(block.endsWith("\n\n") && !block.slice(0, -2).includes("\n\n"), "one whole block");
  const fields: Record<string, string> = {};
  for (const line of block.slice(0, -2).split(/\r\n|\r|\n/)) {
    const [, name, value] = /^([^:]*): ?(.*)$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not a field: ${line}`);
    fields[name] = name in fields ? `${fields[name]}\n${value}` : value;
  }
  return fields;
}

const texts = ["plain", "a\nb\r\nc\rd", "data: x\n\nevent: y", "đ 日 🛵", "\u2028\u2029\0", '"\\'];
for (const text of texts) {
  Deno.test(`events: data ${JSON.stringify(text)} stays in its block`, () => {
    const position = { epoch: "e", offset: 2 };
    const body = encodeBody({ data: JSON.stringify(text) }, position, 5);
    const channel = JSON.stringify(text);
    const fields = read(messageBlock(`{"channel":${channel},"pub":${body}}`, "c1"));
    assert.deepEqual(Object.keys(fields), ["id", "data"]);
    assert.deepEqual(JSON.parse(fields["data"] ?? ""), {
      channel: text,
      pub: { data: text, offset: 2, time: 5 },
    });
  });
}

Deno.test("events: a message that does not move the cursor has no id", () => {
  assert.deepEqual(read(messageBlock("{}", null)), { data: "{}" });
});

Deno.test("events: subscribed tells each channel's start", () => {
  const starts = [
    { channel: "a", position: { epoch: "x", offset: 41 }, recovered: true },
    { channel: "b\n", position: { epoch: "y", offset: 0 }, recovered: false },
    { channel: "__proto__", position: { epoch: "z", offset: 1 } },
    { channel: "bench:c", position: null },
  ];
  const fields = read(subscribedBlock(starts, "cur", 99));
  assert.equal(fields["event"], "subscribed");
  assert.equal(fields["id"], "cur");
  assert.equal(
    fields["data"],
    '{"channels":{"a":{"epoch":"x","offset":41,"recovered":true},' +
      '"b\\n":{"epoch":"y","offset":0,"recovered":false},' +
      '"__proto__":{"epoch":"z","offset":1},"bench:c":{}},"time":99}',
  );
});

Deno.test("events: a page of state has an id only when it is the last", () => {
  const bodies = [1, 2].map((n) => encodeBody({ key: `k${n}\n`, data: `${n}` }, null, 0)).join(",");
  const state = [{ key: "k1\n", data: 1 }, { key: "k2\n", data: 2 }];
  const page = read(stateBlock("a\n", bodies, null));
  assert.deepEqual(Object.keys(page), ["event", "data"]);
  assert.equal(page["event"], "state");
  assert.deepEqual(JSON.parse(page["data"] ?? ""), { channel: "a\n", state, more: true });
  const last = read(stateBlock("a\n", bodies, "c2"));
  assert.equal(last["id"], "c2");
  assert.deepEqual(JSON.parse(last["data"] ?? ""), { channel: "a\n", state, more: false });
  const empty = read(stateBlock("a", "", "c3"));
  assert.deepEqual(JSON.parse(empty["data"] ?? ""), { channel: "a", state: [], more: false });
});

Deno.test("events: a block that only moves the cursor is no event", () => {
  assert.deepEqual(read(cursorBlock("c9")), { id: "c9" });
});

Deno.test("events: a removal has no data", () => {
  const body = encodeBody(
    { key: "k", removed: true, data: "null", tags: { a: "b" } },
    { epoch: "e", offset: 2 },
    5,
  );
  assert.equal(body, '{"key":"k","removed":true,"offset":2,"time":5,"tags":{"a":"b"}}');
});

Deno.test("events: a long-poll answer has the state in the channel's place", () => {
  const starts = [
    { channel: "a", position: { epoch: "x", offset: 4 }, recovered: true },
    { channel: "b", position: { epoch: "y", offset: 2 }, recovered: false, keyed: true },
    { channel: "c", position: { epoch: "z", offset: 1 } },
  ];
  const states = new Map([
    ["a", { bodies: '{"key":"k","data":1}', more: true }],
    ["b", { bodies: "", more: false }],
  ]);
  const { channels } = JSON.parse(
    encodeLongPoll({ cursor: "c", time: 7, starts, states, messages: [] }),
  );
  assert.deepEqual(channels, {
    a: { epoch: "x", offset: 4, recovered: true, state: [{ key: "k", data: 1 }], more: true },
    b: { epoch: "y", offset: 2, recovered: false, keyed: true, state: [], more: false },
    c: { epoch: "z", offset: 1 },
  });
});

Deno.test("events: signals, the end and the heartbeat", () => {
  const info = { user: "u\n", client: "c", conn_info: { x: 1 } };
  const signal = read(signalBlock("a", { kind: "leave", info }));
  assert.equal(signal["event"], "leave");
  assert.deepEqual(JSON.parse(signal["data"] ?? ""), { channel: "a", info });
  assert.deepEqual(read(disconnectBlock({ code: 3001, reason: "shut\ndown" })), {
    event: "disconnect",
    data: '{"code":3001,"reason":"shut\\ndown"}',
  });
  assert.deepEqual(read(heartbeatBlock), { "": "" });
});

Deno.test("events: a long-poll answer has channels only where there is something to tell", () => {
  const message = '{"channel":"a","pub":{"data":1}}';
  assert.equal(
    encodeLongPoll({ cursor: "c", time: 7, starts: [], messages: [message, message] }),
    `{"cursor":"c","time":7,"messages":[${message},${message}]}`,
  );
  const starts = [{ channel: "a", position: { epoch: "x", offset: 4 }, recovered: false }];
  assert.equal(
    encodeLongPoll({ cursor: "c", time: 7, starts, messages: [] }),
    `{"cursor":"c","time":7,"channels":${encodeStarts(starts)},"messages":[]}`,
  );
});
