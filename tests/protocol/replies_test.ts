import assert from "node:assert/strict";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { encodeBody, type Publication } from "../../lib/protocol/publication.ts";
import * as replies from "../../lib/protocol/replies.ts";

const position = { epoch: "x", offset: 3 };
const publication: Publication = {
  channel: "a",
  position,
  body: encodeBody({ data: '{"n":1}' }, position, 9),
  time: 9,
};
const pub = { data: { n: 1 }, offset: 3, time: 9 };
const none = {
  position: null,
  recoverable: false,
  wasRecovering: false,
  recovered: false,
  publications: [],
};

const texts: [string, string, unknown][] = [
  ["an empty reply", replies.reply(5, "unsubscribe"), { id: 5, unsubscribe: {} }],
  ["an error", replies.errorReply(5, new ProtocolError("tooManyRequests")), {
    id: 5,
    error: { code: 111, message: "too many requests", temporary: true },
  }],
  ["a subscription without history", replies.subscribeResult(none), {}],
  ["a new stream", replies.subscribeResult({ ...none, position: { epoch: "x", offset: 0 } }), {
    positioned: true,
    epoch: "x",
  }],
  [
    "a recovered subscription",
    replies.subscribeResult({
      position,
      recoverable: true,
      wasRecovering: true,
      recovered: true,
      publications: [publication, publication],
      numericId: 7,
    }),
    {
      recoverable: true,
      positioned: true,
      epoch: "x",
      offset: 3,
      was_recovering: true,
      recovered: true,
      publications: [pub, pub],
      id: 7,
    },
  ],
  [
    "a page of state that others follow",
    replies.statePageResult({ epoch: "x", offset: 3 }, publication.body, 'k"'),
    { epoch: "x", offset: 3, type: 1, phase: 2, cursor: 'k"', state: [pub] },
  ],
  [
    "a page of state that a filter has emptied",
    replies.statePageResult({ epoch: "x", offset: 0 }, "", "k"),
    { epoch: "x", type: 1, phase: 2, cursor: "k", state: [] },
  ],
  [
    "the last page of state",
    replies.subscribeResult({
      ...none,
      position,
      recoverable: true,
      map: { state: publication.body, debounceMs: 100 },
    }),
    {
      recoverable: true,
      positioned: true,
      epoch: "x",
      offset: 3,
      type: 1,
      state: [pub],
      publish_debounce: 100,
    },
  ],
  [
    "an empty state",
    replies.subscribeResult({
      ...none,
      position: { epoch: "x", offset: 0 },
      map: { state: "", debounceMs: 0 },
    }),
    { positioned: true, epoch: "x", type: 1 },
  ],
  ["history", replies.historyResult([publication], position), {
    publications: [pub],
    epoch: "x",
    offset: 3,
  }],
  ["empty history", replies.historyResult([], { epoch: "x", offset: 0 }), {
    publications: [],
    epoch: "x",
    offset: 0,
  }],
  ["a join", replies.signalPush('a"', { kind: "join", info: { user: "u", client: "c" } }), {
    push: { channel: 'a"', join: { info: { user: "u", client: "c" } } },
  }],
  ["an unsubscribe", replies.unsubscribePush("a", { code: 2500, reason: "insufficient state" }), {
    push: { channel: "a", unsubscribe: { code: 2500, reason: "insufficient state" } },
  }],
];
for (const [what, text, expected] of texts) {
  Deno.test(`replies: ${what}`, () => {
    assert.deepEqual(JSON.parse(text), expected);
    assert.ok(!text.includes("\n"));
  });
}

Deno.test("publication: epoch at offset 1 only, no position without history", () => {
  const body = (offset: number) => JSON.parse(encodeBody({ data: "0" }, { epoch: "x", offset }, 4));
  assert.deepEqual(body(1), { data: 0, offset: 1, time: 4, epoch: "x" });
  assert.deepEqual(body(2), { data: 0, offset: 2, time: 4 });
  assert.equal(
    encodeBody({ data: "null", tags: { a: "b" } }, null, 4),
    '{"data":null,"tags":{"a":"b"}}',
  );
});
