/** Every refusal at the protocol's addresses has an error code, whoever refuses. */
import assert from "node:assert/strict";
import { startServer } from "../support/server.ts";

const page = "https://page.test";
const large = "x".repeat(65 * 1024);

const refusals: [string, string, RequestInit, number, number][] = [
  ["a foreign page", "/v1/events?channels=public:a", from("https://evil.test"), 403, 103],
  ["a foreign page's commands", "/v1/commands", post("{}", from("https://evil.test")), 403, 103],
  ["a foreign page's stream", "/connection/sse", from("https://evil.test"), 403, 103],
  ["a body that is too large", "/v1/commands", post(large), 413, 106],
  ["frames that are too large", "/connection/http_stream", post(large), 413, 106],
  ["a URL that is too long", `/v1/events?channels=public:a&x=${"x".repeat(49_152)}`, {}, 400, 107],
  ["an address there is not", "/v1/nothing", {}, 404, 104],
  ["an address there is not, with a body", "/v1/events", post("{}"), 404, 104],
  ["a connection there is not", "/connection/carrier_pigeon", {}, 404, 104],
  ["another method", "/connection/http_stream", {}, 405, 104],
  ["no upgrade", "/connection/websocket", {}, 426, 107],
  ["Protobuf", "/connection/sse?cf_protocol=protobuf", {}, 415, 107],
  ["nothing to begin with", "/connection/sse", {}, 400, 107],
  [
    "another type of body",
    "/emulation",
    post("x", { headers: { "content-type": "a/b" } }),
    415,
    107,
  ],
  ["a body of another form", "/emulation", post("{}", json()), 400, 107],
  [
    "a node there is not",
    "/emulation",
    post('{"session":"s","node":"n","data":"{}"}', json()),
    404,
    104,
  ],
  ["a bad token", "/v1/events?channels=public:a&token=x", {}, 401, 101],
  ["an unknown namespace", "/v1/events?channels=nowhere:a", {}, 404, 102],
];

function from(origin: string): RequestInit {
  return { headers: { origin } };
}

function json(): RequestInit {
  return { headers: { "content-type": "application/json" } };
}

function post(body: string, others: RequestInit = {}): RequestInit {
  return { method: "POST", body, ...others };
}

Deno.test("codes: every refusal at the protocol's addresses has one", async (t) => {
  await using server = await startServer({ env: { ALLOWED_ORIGINS: page } });
  for (const [what, path, init, status, code] of refusals) {
    await t.step(`${what}: ${status}, ${code}`, async () => {
      const response = await fetch(server.url + path, init);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      const problem = await response.json() as Record<string, unknown>;
      assert.deepEqual([response.status, problem["status"], problem["code"]], [
        status,
        status,
        code,
      ]);
      assert.notEqual(problem["title"], "Error");
      assert.equal(typeof problem["detail"], "string");
    });
  }

  await t.step("the shop has no codes of the protocol", async () => {
    const response = await fetch(`${server.url}/store/orders`);
    assert.equal(response.status, 401);
    assert.equal("code" in await response.json(), false);
  });
});

Deno.test("codes: a server without a free connection says so by one, too", async () => {
  await using server = await startServer({ env: { MAX_CONNECTIONS: "1" } });
  const url = `${server.url}/v1/events?channels=public:a`;
  const held = await fetch(url, { headers: { accept: "text/event-stream" } });
  const refused = await fetch(url);
  assert.deepEqual([refused.status, (await refused.json()).code], [503, 111]);
  await held.body?.cancel();
});

Deno.test("events: 128 channels of the longest names fit, also as they are resumed", async () => {
  await using server = await startServer();
  const channels = Array.from({ length: 128 }, (_, i) => `public:${i}`.padEnd(255, "x"));
  const url = `${server.url}/v1/events?channels=${channels.join(",")}&wait=0`;
  const first = await (await fetch(url)).json();
  assert.equal(Object.keys(first.channels).length, 128);
  const more = await (await fetch(url.replace("&", ",public:more,public:most&"))).json();
  assert.deepEqual([more.status, more.code, more.channel], [400, 107, "public:more"]);
  const last = channels.at(-1);
  await server.api("publish", { channel: last, data: "late" });
  for (const from of [`&cursor=${first.cursor}`, `&since=${sinceOf(first.channels, channels)}`]) {
    const { messages } = await (await fetch(url + from)).json();
    assert.deepEqual(messages.map((one: { channel: string }) => one.channel), [last]);
  }
});

function sinceOf(
  starts: Readonly<Record<string, { epoch: string; offset: number }>>,
  channels: readonly string[],
): string {
  return channels.map((channel) => `${starts[channel]?.epoch}:${starts[channel]?.offset}`).join(
    ",",
  );
}
