/** Pages of other origins on the `/v1` routes. */
import assert from "node:assert/strict";
import { startServer } from "../support/server.ts";

const page = "https://shop.example";
const publish = '{"id":1,"rpc":{"method":"time"}}';

Deno.test("cors: what a page of an allowed origin may do", async (t) => {
  await using server = await startServer({ env: { ALLOWED_ORIGINS: page } });
  const { url } = server;
  const preflight = (path: string, method: string, headers: string, origin = page) =>
    fetch(`${url}${path}`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": method,
        "access-control-request-headers": headers,
      },
    });
  const list = (response: Response, name: string) =>
    (response.headers.get(name) ?? "").toLowerCase().split(",").map((one) => one.trim());

  for (
    const [path, method, headers] of [
      ["/v1/events?channels=public:a", "GET", "authorization,last-event-id"],
      ["/v1/commands", "POST", "authorization,content-type"],
    ] as const
  ) {
    await t.step(`${method} ${path} passes its preflight, once an hour`, async () => {
      const response = await preflight(path, method, headers);
      assert.equal(response.status, 204);
      assert.equal(response.headers.get("access-control-allow-origin"), page);
      assert.ok(list(response, "access-control-allow-methods").includes(method.toLowerCase()));
      for (const header of headers.split(",")) {
        assert.ok(list(response, "access-control-allow-headers").includes(header), header);
      }
      assert.equal(response.headers.get("access-control-max-age"), "3600");
      assert.ok(list(response, "vary").includes("origin"));
    });

    await t.step(`${method} ${path} does not, of another origin`, async () => {
      const response = await preflight(path, method, headers, "https://evil.test");
      assert.equal(response.headers.get("access-control-allow-origin"), null);
    });
  }

  const token = await server.token();
  const asks: [string, string, RequestInit, number][] = [
    ["a long-poll", "/v1/events?channels=orders:all", {}, 200],
    ["an event stream", "/v1/events?channels=orders:all", {
      headers: { accept: "text/event-stream" },
    }, 200],
    ["commands", "/v1/commands", { method: "POST", body: publish }, 200],
    ["a refusal of a route", "/v1/events?channels=nowhere:a", {}, 404],
    ["a refusal of a body", "/v1/commands", { method: "POST", body: "x" }, 400],
    ["what is not there", "/v1/nothing", {}, 404],
  ];
  for (const [what, path, init, status] of asks) {
    await t.step(`its page may read ${what}, and when to come again`, async () => {
      const headers = new Headers(init.headers);
      headers.set("origin", page);
      headers.set("authorization", `Bearer ${token}`);
      headers.set("content-type", "application/json");
      const response = await fetch(`${url}${path}`, { ...init, headers });
      await response.body?.cancel();
      assert.equal(response.status, status);
      assert.equal(response.headers.get("access-control-allow-origin"), page);
      assert.ok(list(response, "access-control-expose-headers").includes("retry-after"));
    });
  }

  await t.step("a page of another origin is refused, and may not read that", async () => {
    for (const init of [{}, { method: "POST", body: publish }]) {
      const path = "body" in init ? "/v1/commands" : "/v1/events?channels=public:a";
      const headers = { origin: "https://evil.test" };
      const response = await fetch(`${url}${path}`, { ...init, headers });
      await response.body?.cancel();
      assert.equal(response.status, 403);
      assert.equal(response.headers.get("access-control-allow-origin"), null);
    }
  });
});
