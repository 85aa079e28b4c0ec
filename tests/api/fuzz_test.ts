/**
 * Whatever is sent to any route: no answer is a fault of the server's, the process lives, and a
 * client that listens meanwhile misses nothing.
 */
import assert from "node:assert/strict";
import { seededRandom } from "../../tools/replay/random.ts";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { openWebSocket } from "../support/clients/websocket.ts";
import { apiKey, type TestServer } from "../support/server.ts";
import { answerOf, call, startWithRooms } from "./calls.ts";

const paths = [
  "/api/publish",
  "/api/broadcast",
  "/api/batch",
  "/api/history",
  "/api/presence",
  "/api/presence_stats",
  "/api/channels",
  "/api/info",
  "/api/disconnect",
  "/api/map_publish",
  "/api/map_remove",
  "/api/map_read_state",
  "/api/map_read_stream",
  "/api/map_stats",
  "/api/map_clear",
  "/v1/commands",
  "/v1/events",
  "/connection/websocket",
  "/healthz",
  "/readyz",
  "/metrics",
  "/nothing",
  "/api/",
  "/v1/events/../commands",
];
const methods = ["GET", "POST", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];
const bodies = [
  '{"channel":"room:fuzz","data":{"a":[1,null]},"tags":{"k":"v"},"idempotency_key":"k"}',
  '{"channels":["room:fuzz","none:x"],"data":1}',
  '{"commands":[{"publish":{"channel":"room:fuzz","data":1}},{"info":{}}],"parallel":true}',
  '{"channel":"room:fuzz","limit":10,"since":{"offset":3,"epoch":""},"reverse":true}',
  '{"pattern":"room:*"}',
  '{"channel":"board:fuzz","key":"k","data":1,"key_mode":"if_new","version":1,"score":2}',
  '{"channel":"board:fuzz","limit":5,"cursor":"0~k","revision_offset":1,"revision_epoch":"x"}',
  '{"commands":[{"map_publish":{"channel":"board:fuzz","key":"k","data":1}}]}',
  '{"id":1,"publish":{"channel":"board:fuzz","type":1,"key":"k","data":1}}',
  '{"user":"u","client":"c","disconnect":{"code":4000,"reason":"r"}}',
  '{"id":1,"publish":{"channel":"room:fuzz","data":1}}\n{"id":2,"rpc":{"method":"time"}}',
  '{"id":1,"history":{"channel":"room:fuzz","limit":5}}',
];
const pieces = ['"', "{", "}", "[", "]", ",", ":", "\n", "\\u0000", "\ud800", "-1", "1e999", "null"]
  .concat(["true", "đ", "🛵", "9007199254740993", '"__proto__":1,', "\0", '""']);
const channelLists = [
  "room:a",
  "room:a,room:a",
  "",
  ",",
  "%",
  "%2541",
  "none:x",
  "public:%00",
  "public:%25F0",
];
const cursors = [
  "",
  "1~x~",
  "1~0~a.1",
  "x".repeat(3_000),
  "%00",
  "a:1",
  ":5",
  "e:99999999999999999",
  ",,",
];
const waits = ["0", "0.001", "-1", "x", "1e3", "00"];
const headers: [string, string[]][] = [
  ["content-type", [
    "application/json",
    "application/json",
    "text/plain",
    "",
    'application/json;x="y',
  ]],
  ["authorization", ["Bearer x", "Bearer ", "apikey x", "Basic Og==", `apikey ${apiKey}`]],
  ["accept", ["text/event-stream", "*/*", "text/event-stream;q=0", "x"]],
  ["last-event-id", ["1~x~", "\u00ff\u00fe", "x".repeat(5_000)]],
  ["origin", ["null", "https://evil.test", "x"]],
  ["x-forwarded-for", ["1.2.3.4", "\u00ff"]],
  ["upgrade", ["websocket", "h2c"]],
  ["sec-websocket-protocol", ["centrifuge-protobuf", "a, b", ","]],
];

interface Shot {
  readonly path: string;
  readonly init: RequestInit;
}

function shoot(random: () => number): Shot {
  const pick = <Item>(items: readonly [Item, ...Item[]] | Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  const query = new URLSearchParams();
  if (random() < 0.6) query.set("channels", pick(channelLists));
  if (random() < 0.3) query.set(pick(["cursor", "since", "token"]), pick(cursors));
  query.set("wait", random() < 0.8 ? "0" : pick(waits));
  if (random() < 0.2) query.set(pick(["ping", "batch", "probe"]), pick(["10", "1000", ...waits]));
  let body = pick(bodies);
  for (let n = Math.floor(random() * 4); n > 0; n--) {
    const at = Math.floor(random() * body.length);
    body = body.slice(0, at) + (random() < 0.7 ? pick(pieces) : "") +
      body.slice(at + Math.floor(random() * 5));
  }
  const method = pick(methods);
  const init: RequestInit = { method, headers: new Headers({ "x-api-key": apiKey }) };
  const given = new Headers({ "content-type": "application/json" });
  if (random() < 0.95) given.set("x-api-key", apiKey);
  for (const [name, values] of headers) if (random() < 0.12) given.set(name, pick(values));
  init.headers = given;
  if (method !== "GET" && method !== "HEAD") init.body = random() < 0.05 ? bytes(random) : body;
  return { path: `${pick(paths)}?${query}`, init };
}

function bytes(random: () => number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: random() * 300 }, () => random() * 256);
}

/** The status; an event stream is left as soon as it has begun. */
async function fire(server: TestServer, { path, init }: Shot): Promise<number> {
  const response = await fetch(`${server.url}${path}`, init);
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (isStream) {
    await response.body?.cancel();
    return response.status;
  }
  const { status, type, body } = await answerOf(response);
  if (status >= 400 && init.method !== "HEAD") {
    assert.match(type, /^application\/problem\+json/, `${status} ${path}`);
    assert.equal((body as { status: number }).status, status);
  }
  return status;
}

Deno.test("routes: nothing that is sent is a fault, or costs another client anything", async () => {
  await using server = await startWithRooms();
  await using reader = await openWebSocket(server.url, {
    channels: ["public:steady"],
    token: await server.token("steady"),
  });
  const random = seededRandom(20_261_123);
  const statuses = new Map<number, number>();
  const count = 1_500;
  const shots = (async () => {
    for (let n = 0; n < count; n += 10) {
      const round = Array.from({ length: 10 }, () => shoot(random));
      for (
        const [i, status] of (await Promise.all(round.map((one) => fire(server, one)))).entries()
      ) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const fault = status >= 500 && status !== 501 && status !== 503;
        assert.ok(
          !fault,
          `${status} for ${JSON.stringify(round[i])}\n${server.output().slice(-2_000)}`,
        );
      }
    }
  })();
  const steady = publishAll(
    { url: server.url, channel: "public:steady", size: 3 },
    numbers(0, 299),
  );
  const read = (async () => {
    for (let n = 0; n < 300; n++) assert.equal((await reader.next(30_000)).data, n);
  })();
  await Promise.all([shots, steady, read]);
  for (const status of [200, 400, 401, 404, 415]) {
    assert.ok((statuses.get(status) ?? 0) > 10, `${status}: ${JSON.stringify([...statuses])}`);
  }
  assert.doesNotMatch(server.output(), /"level":"error"/);
  assert.ok("result" in await call(server, "info", {}));
});

Deno.test("routes: data as deep as it fits is no fault", async () => {
  await using server = await startWithRooms();
  for (const depth of [1_000, 10_000, 32_000]) {
    const deep = "[".repeat(depth) + "]".repeat(depth);
    const headers = { "x-api-key": apiKey, "content-type": "application/json" };
    const bodies: [string, string][] = [
      ["/api/publish", `{"channel":"public:deep","data":${deep}}`],
      ["/api/history", `{"channel":"public:deep","limit":${deep}}`],
      ["/v1/commands", `{"id":1,"publish":{"channel":"room:deep","data":${deep}}}`],
    ];
    for (const [path, body] of bodies) {
      const response = await fetch(`${server.url}${path}`, { method: "POST", headers, body });
      await response.body?.cancel();
      assert.ok(response.status < 500, `${response.status} ${path} at depth ${depth}`);
    }
  }
  const { result } = await call(server, "history", { channel: "public:deep", limit: 9 });
  assert.equal((result as { publications: unknown[] }).publications.length, 3);
});
