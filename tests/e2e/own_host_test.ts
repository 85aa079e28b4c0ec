/** Pages under foreign names that lead to a development server (DNS rebinding). */
import assert from "node:assert/strict";
import { startServer, type TestServer } from "../support/server.ts";

const paths = {
  "/v1/events?channels=public:a": 200,
  "/live/orders:all": 200,
  // No upgrade was asked for.
  "/connection/websocket": 426,
};

/** The status line's number; `fetch` would not let us choose the host. */
async function statusOf({ port }: TestServer, path: string, host: string): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const text = await new Response(connection.readable).text();
  return Number(text.split(" ")[1]);
}

Deno.test("own host: in dev on loopback, no name but localhost is served", async () => {
  await using server = await startServer({ dev: true });
  const { port } = server;
  for (const [path, status] of Object.entries(paths)) {
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, "[::1]", "192.168.1.7"]) {
      assert.equal(await statusOf(server, path, host), status, `${path} at ${host}`);
    }
    for (const host of ["evil.example", `127.0.0.1.evil.example:${port}`, "localhost.evil.test"]) {
      assert.equal(await statusOf(server, path, host), 403, `${path} at ${host}`);
    }
  }
  const url = `http://127.0.0.1:${port}/v1/commands`;
  const body = '{"id":1,"rpc":{"method":"time"}}';
  const response = await fetch(url, { method: "POST", body });
  assert.equal(response.status, 200);
  await response.body?.cancel();
});

Deno.test("own host: elsewhere any name is served, as behind a proxy", async () => {
  await using development = await startServer({ dev: true, env: { HOST: "0.0.0.0" } });
  assert.equal(await statusOf(development, "/v1/events?channels=public:a", "nhip.test"), 200);
  await using production = await startServer();
  assert.equal(await statusOf(production, "/v1/events?channels=public:a", "nhip.test"), 200);
});
