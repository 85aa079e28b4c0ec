/** The fallbacks of the client protocol, by bare requests. */
import assert from "node:assert/strict";
import { eventually, within } from "../support/clients/eventually.ts";
import { connections, metric } from "../support/clients/metrics.ts";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { startServer } from "../support/server.ts";
import { roomRights } from "../support/rooms.ts";
import { EmulatedClient, openEmulated, postUp } from "../support/clients/emulated.ts";
import { fresh } from "./suite.ts";

const forms = ["sse", "http_stream"] as const;
const channels = {
  namespaces: [
    { name: "log", history: { size: 20_000, ttl: "1h" }, allow: { subscribe: "anyone" } },
    { name: "room", presence: true, allow: roomRights },
  ],
};
const connect = '{"id":1,"connect":{}}';

Deno.test("emulated: frames, heads and ends", async (t) => {
  await using server = await startServer({ channels });
  const { url } = server;
  const gone = async (form: (typeof forms)[number]) =>
    await eventually(async () => await connections(url, form) === 0, "nobody is connected");

  for (const form of forms) {
    await t.step(`${form}: what its head says`, async () => {
      await using client = await openEmulated(url, form, connect);
      const { headers } = client.response;
      const type = form === "sse" ? "text/event-stream; charset=utf-8" : "application/x-ndjson";
      assert.equal(headers.get("content-type"), type);
      assert.equal(headers.get("cache-control"), "no-store, no-transform");
      assert.equal(headers.get("x-accel-buffering"), "no");
      assert.equal(headers.get("access-control-allow-origin"), "*");
    });

    await t.step(`${form}: a message for each reply and push`, async () => {
      const channel = fresh("log");
      const subscribe = `{"id":2,"subscribe":{"channel":"${channel}"}}`;
      await using client = await openEmulated(url, form, `${connect}\n${subscribe}`);
      assert.equal((await client.next())["id"], 1);
      assert.equal((await client.next())["id"], 2);
      await publishAll({ url, channel }, numbers(1, 300));
      for (const n of numbers(1, 300)) {
        const { push } = await client.next() as { push: { pub: { data: number } } };
        assert.equal(push.pub.data, n);
      }
      if (form === "sse") assert.match(client.raw, /^\r\ndata: \{"id":1,.*\}\n\ndata: \{"id":2/);
      else assert.match(client.raw, /^\{"id":1,.*\}\n\{"id":2/);
      assert.equal(await connections(url, form), 1);
    });

    await t.step(`${form}: commands by the way up`, async () => {
      await using client = await openEmulated(url, form, connect);
      const { session, node } = await client.connected();
      const up = (data: string) => postUp(url, { session, node, data });
      assert.equal((await up('{"id":2,"rpc":{"method":"time"}}')).status, 204);
      assert.equal((await client.next())["id"], 2);
      await up('{"id":3,"rpc":{"method":"time"}}\n{"id":4,"rpc":{"method":"time"}}\n');
      assert.deepEqual([(await client.next())["id"], (await client.next())["id"]], [3, 4]);
      assert.equal((await up("nonsense")).status, 204);
      const { push } = await client.next() as { push: { disconnect: object } };
      const reason = "bad request: command is not JSON";
      assert.deepEqual(push, { disconnect: { code: 3501, reason } });
      await client.ended;
    });

    await t.step(`${form}: a bad token and a bad frame are told in the body`, async () => {
      for (
        const [commands, code] of [
          ['{"id":1,"connect":{"token":"x"}}', 3500],
          ['{"id":1,"rpc":{"method":"time"}}', 3501],
          ["{}", 3501],
        ] as const
      ) {
        await using client = await openEmulated(url, form, commands);
        const { push } = await client.next() as { push: { disconnect: { code: number } } };
        assert.equal(push.disconnect.code, code);
        await client.ended;
      }
    });

    await t.step(`${form}: one that leaves is noticed, even before it was answered`, async () => {
      {
        await using client = await openEmulated(url, form, connect);
        await client.connected();
      }
      const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
      await conn.write(head(form, `${connect}`));
      conn.close();
      await gone(form);
      const places = () => metric(url, "nhip_places_taken");
      await eventually(async () => await places() === 0, "its place is free");
    });

    await t.step(`${form}: a client's id, which others see, is no key to its session`, async () => {
      const subscribe = '{"id":2,"subscribe":{"channel":"room:a"}}';
      await using victim = await openEmulated(url, form, `${connect}\n${subscribe}`);
      const { session, node, client } = await victim.connected();
      assert.notEqual(session, client);
      await victim.next();
      await postUp(url, { session: client, node, data: '{"id":3,"rpc":{"method":"time"}}' });
      await postUp(url, { session, node, data: '{"id":4,"rpc":{"method":"time"}}' });
      assert.equal((await victim.next())["id"], 4);
    });

    await t.step(`${form}: one that reads nothing is ended`, async () => {
      const channel = fresh("log");
      const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
      try {
        const subscribe = `{"id":2,"subscribe":{"channel":"${channel}"}}`;
        await conn.write(head(form, `${connect}\n${subscribe}`));
        const subscribers = async () => {
          const { result } = await server.api("channels", { pattern: channel });
          return Object.keys((result as { channels: object }).channels).length;
        };
        await eventually(async () => await subscribers() === 1, "it is subscribed");
        const filler = "x".repeat(2_000);
        // 16 MB: far more than the buffers of both ends take.
        await publishAll({ url, channel, size: 100 }, numbers(1, 8_000).map(() => ({ filler })));
        await gone(form);
      } finally {
        conn.close();
      }
    });
  }

  await t.step("the server ends them when it shuts down", async () => {
    const open = (form: (typeof forms)[number]) => openEmulated(url, form, connect);
    const clients: EmulatedClient[] = await Promise.all(forms.map(open));
    for (const client of clients) await client.connected();
    const stopped = server.signal("SIGTERM");
    for (const client of clients) {
      const { push } = await client.next() as { push: { disconnect: object } };
      assert.deepEqual(push.disconnect, { code: 3001, reason: "shutdown" });
      await within(client.ended, "its body ends");
    }
    assert.equal((await stopped).code, 0);
  });
});

Deno.test("emulated: what is refused", async (t) => {
  const origin = "https://shop.example";
  const env = { MAX_CONNECTIONS: "1", ALLOWED_ORIGINS: origin };
  await using server = await startServer({ env });
  const { url } = server;
  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, { method, ...init });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  };
  const json = { "content-type": "application/json" };
  const big = JSON.stringify({ session: "s", node: "n", data: "x".repeat(64 * 1024) });

  const cases: [string, string, RequestInit, number, RegExp][] = [
    ["GET", "/connection/sse", {}, 400, /cf_connect/],
    ["GET", "/connection/http_stream", {}, 405, /POST/],
    ["PUT", "/connection/sse", {}, 405, /GET, POST/],
    ["GET", "/emulation", {}, 405, /POST/],
    ["POST", "/connection/sse", { body: big }, 413, /65536/],
    ["POST", "/connection/http_stream", { body: big }, 413, /65536/],
    ["POST", "/emulation", { headers: json, body: big }, 413, /65536/],
    ["POST", "/emulation", { headers: json, body: "{" }, 400, /JSON/],
    ["POST", "/emulation", { headers: json, body: '{"session":"s","node":"n"}' }, 400, /data/],
    ["POST", "/emulation", { body: "{}" }, 415, /application\/json/],
    [
      "POST",
      "/emulation",
      { headers: json, body: '{"session":"s","node":"n","data":"{}"}' },
      404,
      /no such node/,
    ],
  ];
  for (const path of ["/connection/sse", "/connection/http_stream", "/emulation"]) {
    const protobuf = { headers: { "content-type": "application/octet-stream" }, body: "\0" };
    cases.push(["POST", path, protobuf, 415, /Protobuf/]);
    const foreign = { headers: { ...json, origin: "https://evil.example" }, body: connect };
    cases.push(["POST", path, foreign, 403, /ALLOWED_ORIGINS/]);
  }
  cases.push(["GET", "/connection/sse?cf_protocol=protobuf&cf_connect=x", {}, 415, /Protobuf/]);

  await t.step("by its form", async () => {
    for (const [method, path, init, status, says] of cases) {
      const answer = await ask(method, path, init);
      assert.equal(answer.status, status, `${method} ${path} ${answer.text}`);
      assert.match(answer.text, says);
      assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
    }
  });

  await t.step("HEAD, without a stream that nobody would end", async () => {
    for (const path of [`/connection/sse?cf_connect=${connect}`, "/connection/http_stream"]) {
      assert.equal((await ask("HEAD", path)).status, 405);
    }
    assert.equal(await metric(url, "nhip_places_taken"), 0);
  });

  await t.step("pages of allowed origins may ask first", async () => {
    for (const path of ["/connection/sse", "/connection/http_stream", "/emulation"]) {
      const headers = {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      };
      const answer = await ask("OPTIONS", path, { headers });
      assert.equal(answer.status, 204);
      assert.equal(answer.headers.get("access-control-allow-origin"), origin);
      assert.equal(answer.headers.get("access-control-allow-headers"), "content-type");
    }
  });

  await t.step("one more than there are places, whose commands need none", async () => {
    await using client = await openEmulated(url, "http_stream", connect);
    const { session, node } = await client.connected();
    const full = await ask("POST", "/connection/http_stream", { body: connect });
    assert.equal(full.status, 503);
    assert.equal(full.headers.get("retry-after"), "1");
    const { status } = await postUp(url, {
      session,
      node,
      data: '{"id":2,"rpc":{"method":"time"}}',
    });
    assert.equal(status, 204);
    assert.equal((await client.next())["id"], 2);
    // One that has gone learns of it by its stream.
    assert.equal((await postUp(url, { session: "gone", node, data: "{}" })).status, 204);
  });
});

function head(form: (typeof forms)[number], commands: string): Uint8Array {
  const bytes = new TextEncoder().encode(commands).byteLength;
  const lines = [
    `POST /connection/${form} HTTP/1.1`,
    "Host: localhost",
    "Content-Type: application/json",
    `Content-Length: ${bytes}`,
    "",
    commands,
  ];
  return new TextEncoder().encode(lines.join("\r\n"));
}
