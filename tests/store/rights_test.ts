/** Who may do what in the shop of the real server. */
import assert from "node:assert/strict";
import type { Role } from "../../lib/auth/identity.ts";
import { signToken } from "../../lib/auth/tokens.ts";
import { apiKey, startServer, tokenSecret } from "../support/server.ts";

type Headers = Readonly<Record<string, string>>;

interface Answer {
  readonly detail?: string;
  readonly author?: string;
}

async function send(url: string, headers: Headers, method: string, path: string, body?: unknown) {
  const response = await fetch(`${url}/store${path}`, {
    method,
    headers: { ...headers, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer: Answer = await response.json();
  return { status: response.status, answer };
}

const key = { "x-api-key": apiKey };
const lamp = { name: "Lamp", quantity: 10, unitPrice: 255 };
const order = { id: "A-1", country: "EIRE", lines: [{ sku: "L1", quantity: 2 }] };
const position = { lat: 30, lon: -97, speed: 3, route: "4", headsign: "WEST" };

const writes: [string, string, unknown, number][] = [
  ["PUT", "/stock/L1", lamp, 200],
  ["POST", "/stock/L1/restock", { quantity: 5 }, 200],
  ["POST", "/orders", order, 201],
  ["PATCH", "/orders/A-1", { status: "packed" }, 200],
  ["DELETE", "/orders/A-1", undefined, 200],
  ["PUT", "/vehicles/bus-1/position", position, 200],
];
const reads = ["/orders", "/orders/A-1", "/stock", "/vehicles", "/chat/help/messages"];
const messages = "/chat/help/messages";

Deno.test("the shop's rights: changes need the API key or staff, reading any token", async (t) => {
  await using server = await startServer();
  const { url } = server;
  const bearer = async (sub: string, role?: Role) => ({
    authorization: `Bearer ${await signToken(tokenSecret, { sub, ...(role && { role }) })}`,
  });
  const an = await bearer("an");
  const unnamed = await bearer("");

  for (const [method, path, body, status] of writes) {
    await t.step(`${method} ${path}`, async () => {
      for (const who of [{}, { "x-api-key": "wrong" }]) {
        const refused = await send(url, who, method, path, body);
        assert.deepEqual(refused.status, 401);
        assert.match(refused.answer.detail ?? "", /X-API-Key/);
      }
      for (const who of [an, unnamed]) {
        const refused = await send(url, who, method, path, body);
        assert.deepEqual(refused.status, 403);
        assert.match(refused.answer.detail ?? "", /role is not "staff"/);
      }
      assert.equal((await send(url, key, method, path, body)).status, status);
    });
  }

  await t.step("staff and admins change what back ends change", async () => {
    for (const role of ["staff", "admin"] as const) {
      const who = await bearer("lan", role);
      assert.equal(
        (await send(url, who, "POST", "/stock/L1/restock", { quantity: 1 })).status,
        200,
      );
    }
  });

  await t.step("reading", async () => {
    for (const path of reads) {
      assert.equal((await send(url, {}, "GET", path)).status, 401, path);
      for (const who of [an, unnamed, key]) {
        assert.equal((await send(url, who, "GET", path)).status, 200, path);
      }
    }
  });

  await t.step("the author of a chat message is the token's user", async () => {
    const said = { author: "Bình", text: "xin chào" };
    assert.equal((await send(url, {}, "POST", messages, said)).status, 401);
    assert.equal((await send(url, an, "POST", messages, said)).answer.author, "an");
    assert.equal((await send(url, key, "POST", messages, said)).answer.author, "Bình");
    const { status, answer } = await send(url, unnamed, "POST", messages, said);
    assert.deepEqual([status, answer.detail], [403, "the token names no user (sub)"]);
  });
});

Deno.test("without SHOP=on there is no shop, and the page says so", async () => {
  await using server = await startServer({ env: { SHOP: "" } });
  for (const [method, path] of [["GET", ""], ["GET", "/orders"], ["PUT", "/stock/L1"]] as const) {
    const { status, answer } = await send(server.url, key, method, path);
    assert.deepEqual([status, answer.detail], [404, "the example shop is off: set SHOP=on"]);
  }
  const page = async (language: string) => {
    const response = await fetch(`${server.url}/?lang=${language}`);
    assert.equal(response.status, 200);
    return await response.text();
  };
  assert.match(await page("en"), /The example shop is off/);
  assert.match(await page("vi"), /Cửa hàng mẫu đang tắt/);
});
