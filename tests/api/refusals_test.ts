/** How the server API and /v1/commands refuse. */
import assert from "node:assert/strict";
import { apiKey } from "../support/server.ts";
import { post, startWithRooms } from "./calls.ts";

const ok = JSON.stringify({ channel: "public:a", data: 1 });
const publish = (fields: object) => JSON.stringify({ channel: "public:a", data: 1, ...fields });
const tags = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`t${i}`, ""]));

type Case = [
  what: string,
  path: string,
  body: BodyInit,
  status: number,
  code?: number | undefined,
  headers?: Record<string, string | null>,
];
const cases: Case[] = [
  ["a good one", "publish", ok, 200],
  ["a key in Authorization", "publish", ok, 200, undefined, {
    "x-api-key": null,
    authorization: `apikey ${apiKey}`,
  }],
  ["no key", "publish", ok, 401, undefined, { "x-api-key": null }],
  ["a wrong key", "publish", ok, 401, undefined, { "x-api-key": `${apiKey}x` }],
  ["an empty key", "publish", ok, 401, undefined, { "x-api-key": "" }],
  ["a bearer token for a key", "publish", ok, 401, undefined, {
    "x-api-key": null,
    authorization: `Bearer ${apiKey}`,
  }],
  ["no key for an unknown method", "dance", "{}", 401, undefined, { "x-api-key": null }],
  ["text", "publish", ok, 415, undefined, { "content-type": "text/plain" }],
  ["a form", "publish", "a=b", 415, undefined, {
    "content-type": "application/x-www-form-urlencoded",
  }],
  ["JSON with a charset", "publish", ok, 200, undefined, {
    "content-type": "application/json; charset=utf-8",
  }],
  ["an unknown method", "dance", "{}", 404, 104],
  ["a method of Object", "constructor", "{}", 404, 104],
  ["no method", "", "{}", 404, 104],
  ["broken JSON", "publish", "{", 400],
  ["an empty body", "publish", "", 400],
  ["an array", "publish", "[]", 400, 107],
  ["a number", "info", "1", 400, 107],
  ["bytes that are not UTF-8", "publish", new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), 400],
  ["no channel", "publish", '{"data":1}', 400, 107],
  ["no data", "publish", '{"channel":"public:a"}', 400, 107],
  ["binary data", "publish", publish({ b64data: "aGk=" }), 400, 107],
  ["a channel that is a number", "publish", publish({ channel: 1 }), 400, 107],
  ["an unknown channel", "publish", publish({ channel: "none:a" }), 200, 102],
  ["an empty channel", "publish", publish({ channel: "" }), 200, 107],
  ["a channel too long", "publish", publish({ channel: `public:${"x".repeat(255)}` }), 200, 107],
  ["tags that are numbers", "publish", publish({ tags: { a: 1 } }), 400, 107],
  ["16 tags", "publish", publish({ tags: tags(16) }), 200],
  ["17 tags", "publish", publish({ tags: tags(17) }), 400, 107],
  ["a key too long", "publish", publish({ idempotency_key: "k".repeat(129) }), 400, 107],
  ["data too large", "publish", publish({ data: "x".repeat(65_536) }), 200, 106],
  ["a body too large", "publish", publish({ data: "x".repeat(524_288) }), 413],
  ["no channels", "broadcast", '{"channels":[],"data":1}', 400, 107],
  [
    "too many channels",
    "broadcast",
    JSON.stringify({ channels: Array(1_001).fill("public:a"), data: 1 }),
    400,
    107,
  ],
  ["a limit that is text", "history", '{"channel":"public:a","limit":"1"}', 400, 107],
  ["a negative offset", "history", '{"channel":"public:a","since":{"offset":-1}}', 400, 107],
  [
    "another epoch",
    "history",
    '{"channel":"public:a","since":{"offset":1,"epoch":"no"}}',
    200,
    112,
  ],
  ["reverse since 0", "history", '{"channel":"public:a","since":{},"reverse":true}', 200, 107],
  ["history where there is none", "history", '{"channel":"bench:a"}', 200, 108],
  ["presence where there is none", "presence", '{"channel":"public:a"}', 200, 108],
  ["presence_stats where there is none", "presence_stats", '{"channel":"public:a"}', 200, 108],
  ["a pattern too long", "channels", JSON.stringify({ pattern: "*".repeat(256) }), 400, 107],
  ["no user", "disconnect", "{}", 400, 107],
  ["a code clients do not know", "disconnect", '{"user":"u","disconnect":{"code":1000}}', 400, 107],
  [
    "a reason over 123 bytes",
    "disconnect",
    JSON.stringify({
      user: "u",
      disconnect: { code: 4000, reason: "đ".repeat(62) },
    }),
    400,
    107,
  ],
  ["a batch of no list", "batch", "{}", 400, 107],
  ["a batch with an unknown command", "batch", '{"commands":[{"dance":{}}]}', 400, 107],
  [
    "a batch with two methods in one",
    "batch",
    '{"commands":[{"info":{},"channels":{}}]}',
    400,
    107,
  ],
  [
    "a batch of too many",
    "batch",
    JSON.stringify({ commands: Array(1_001).fill({ info: {} }) }),
    400,
    107,
  ],
  ["a batch in a batch", "batch", '{"commands":[{"batch":{"commands":[]}}]}', 400, 107],
  ["a batch with an empty command", "batch", '{"commands":[{}]}', 400, 107],
  ["no key", "map_publish", ok, 400, 107],
  ["a key that is a number", "map_publish", publish({ key: 1 }), 400, 107],
  ["an unknown key mode", "map_publish", publish({ key: "k", key_mode: "if_old" }), 400, 107],
  ["a negative version", "map_publish", publish({ key: "k", version: -1 }), 400, 107],
  ["a score that is text", "map_publish", publish({ key: "k", score: "1" }), 400, 107],
  [
    "another payload for the stream",
    "map_publish",
    publish({ key: "k", stream_data: 1 }),
    400,
    107,
  ],
  ["a negative revision", "map_read_state", '{"channel":"a","revision_offset":-1}', 400, 107],
  ["a limit with a fraction", "map_read_stream", '{"channel":"a","limit":1.5}', 400, 107],
];

Deno.test("server API: refusals", async (t) => {
  await using server = await startWithRooms();
  for (const [what, path, body, status, code, headers] of cases) {
    await t.step(`${path}: ${what}: ${code ?? status}`, async () => {
      const answer = await post(server, `/api/${path}`, body, headers);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      const found = answer.body as { code?: number; status?: number; error?: { code: number } };
      assert.equal(status === 200 ? found.error?.code : found.code, code, JSON.stringify(found));
      if (status === 200) return;
      assert.match(answer.type, /^application\/problem\+json/);
      assert.equal(found.status, status);
    });
  }

  const faults: [string, object, string][] = [
    ["publish", { channel: "public:a" }, "bad request: data: is missing"],
    ["map_publish", { channel: "public:a", data: 1 }, "bad request: key: "],
    ["batch", { commands: [{ info: {} }, { dance: {} }] }, "bad request: commands.1: needs one of"],
    ["batch", { commands: [{ info: {}, channels: {} }] }, "bad request: commands.0: has both info"],
    [
      "batch",
      { commands: [{ info: {} }, { map_publish: { channel: 1 } }] },
      "bad request: commands.1.map_publish.channel: ",
    ],
    ["batch", { commands: [1] }, "bad request: commands.0: "],
  ];
  for (const [path, body, detail] of faults) {
    await t.step(`${path} says what is wrong in ${JSON.stringify(body)}`, async () => {
      const answer = await post(server, `/api/${path}`, JSON.stringify(body));
      const found = (answer.body as { detail: string }).detail;
      assert.ok(found.startsWith(detail), found);
    });
  }

  for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
    await t.step(`${method} is none of its methods`, async () => {
      const headers = { "x-api-key": apiKey };
      const response = await fetch(`${server.url}/api/publish`, { method, headers });
      await response.body?.cancel();
      assert.equal(response.status, 404);
    });
  }

  await t.step("a pattern made to be slow is not", async () => {
    const channel = `public:${"a".repeat(240)}`;
    const reader = await fetch(`${server.url}/v1/events?channels=${channel}`, {
      headers: { accept: "text/event-stream" },
    });
    const began = performance.now();
    const answer = await post(
      server,
      "/api/channels",
      JSON.stringify({ pattern: `${"*a".repeat(120)}*b` }),
    );
    assert.deepEqual(answer.body, { result: { channels: {} } });
    assert.ok(performance.now() - began < 2_000);
    await reader.body?.cancel();
  });
});
