/** `/compare/api/…` over real HTTP. */
import assert from "node:assert/strict";
import { runLimits } from "../../lib/compare/limits.ts";
import { eventually, within } from "../support/clients/eventually.ts";
import { startServer, type TestServer } from "../support/server.ts";

interface Run extends AsyncDisposable {
  readonly feed: string;
  next(): Promise<{ readonly n: number }>;
}

async function call(server: TestServer, path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${await server.token()}`, ...init.headers };
  return await fetch(`${server.url}/compare/api/${path}`, { ...init, headers });
}

async function startRun(server: TestServer, everyMs: number): Promise<Run> {
  const response = await call(server, `runs?every=${everyMs}`, { method: "POST" });
  assert.equal(response.status, 200);
  assert.ok(response.body);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const next = async () => {
    while (!rest.includes("\n")) rest += (await reader.read()).value ?? "";
    const [line = "", ...others] = rest.split("\n");
    rest = others.join("\n");
    return JSON.parse(line);
  };
  const { feed } = await within(next(), "the feed's name");
  return {
    feed,
    next: () => within(next(), "a change"),
    [Symbol.asyncDispose]: () => reader.cancel(),
  };
}

async function status(response: Response): Promise<number> {
  await response.body?.cancel();
  return response.status;
}

Deno.test("compare api: a feed changes as long as its run is read, and can be polled", async (t) => {
  await using server = await startServer({ env: { SHOP: "off" } });
  const run = await startRun(server, 100);
  const path = `feeds/${run.feed}`;
  let etag = "";

  await t.step("the whole list, with a tag", async () => {
    const response = await call(server, path);
    assert.equal(response.status, 200);
    etag = response.headers.get("etag") ?? "";
    const { items } = await response.json();
    assert.equal(items.length, 20);
    assert.equal(items[0].id, "v-01");
  });

  await t.step("changes come one after the other, and change the tag", async () => {
    const { n } = await run.next();
    assert.equal((await run.next()).n, n + 1);
    const response = await call(server, path, { headers: { "if-none-match": etag } });
    assert.equal(response.status, 200);
    const { items }: { items: { n: number; changedAt: number }[] } = await response.json();
    assert.ok(Math.max(...items.map(({ n }) => n)) >= n + 1);
  });

  await t.step("it ends with its reader, and nothing of it is left", async () => {
    await run[Symbol.asyncDispose]();
    await eventually(async () => await status(await call(server, path)) === 404, "no feed");
  });

  await t.step("who has the list already gets 304", async () => {
    await using slow = await startRun(server, 60_000);
    const first = await call(server, `feeds/${slow.feed}`);
    const tag = first.headers.get("etag") ?? "";
    await first.body?.cancel();
    const again = await call(server, `feeds/${slow.feed}`, { headers: { "if-none-match": tag } });
    assert.deepEqual([again.status, await again.text()], [304, ""]);
    assert.equal(again.headers.get("etag"), tag);
  });
});

Deno.test("compare api: what it refuses", async (t) => {
  await using server = await startServer({ env: { SHOP: "off" } });

  await t.step("without a token", async () => {
    const at = (path: string, method: string) =>
      fetch(`${server.url}/compare/api/${path}`, { method }).then(status);
    assert.equal(await at("runs?every=1000", "POST"), 401);
    assert.equal(await at(`feeds/${crypto.randomUUID()}`, "GET"), 401);
  });

  await t.step("rates that are out of range, and names that are none", async () => {
    for (const every of ["", "0", "99", "60001", "x"]) {
      const response = await call(server, `runs?every=${every}`, { method: "POST" });
      assert.equal(await status(response), 400, every);
    }
    assert.equal(await status(await call(server, "feeds/x")), 400);
    assert.equal(await status(await call(server, `feeds/${crypto.randomUUID()}`)), 404);
  });

  await t.step("more feeds than there may be; one that ends makes room", async () => {
    const runs = await Promise.all(
      Array.from({ length: runLimits.atOnce }, () => startRun(server, 60_000)),
    );
    const refused = await call(server, "runs?every=1000", { method: "POST" });
    assert.equal(refused.headers.get("retry-after"), "10");
    assert.equal(await status(refused), 429);
    await runs[0]?.[Symbol.asyncDispose]();
    await eventually(async () => {
      const response = await call(server, "runs?every=1000", { method: "POST" });
      return await status(response) === 200;
    }, "room");
    for (const run of runs.slice(1)) await run[Symbol.asyncDispose]();
  });
});

Deno.test("compare api: a request's head is as long as what was sent", async (t) => {
  await using server = await startServer();
  const { port } = server;

  await t.step("of a request", async () => {
    const head = `GET /compare/api/head?a=b HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      "X-Own: something\r\nConnection: close\r\n\r\n";
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode(head));
    const answer = await new Response(conn.readable).text();
    const { bytes, time } = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));
    assert.equal(bytes, head.length);
    assert.equal(typeof time, "number");
  });

  await t.step("of a WebSocket's handshake, after which it is closed", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/compare/api/head`);
    const closed = new Promise((resolve) => {
      socket.onclose = resolve;
    });
    const { bytes } = await within(
      new Promise<{ bytes: number }>((resolve) => {
        socket.onmessage = ({ data }) => resolve(JSON.parse(String(data)));
      }),
      "the length",
    );
    assert.ok(bytes > 120 && bytes < 1_000, `${bytes}`);
    await within(closed, "the close");
  });
});
