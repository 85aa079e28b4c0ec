/** Who may subscribe, and what is refused, at the real server. */
import assert from "node:assert/strict";
import type { Role } from "../../lib/auth/identity.ts";
import { signToken } from "../../lib/auth/tokens.ts";
import { makeVapidKeys } from "../../lib/push/vapid_keys.ts";
import { metric } from "../support/clients/metrics.ts";
import { apiKey, startServer, tokenSecret } from "../support/server.ts";
import { Receiver, startPushService, subscriptionAt, vapidClaims } from "./support.ts";

const keys = makeVapidKeys();
const production = { VAPID_KEYS: JSON.stringify(keys), VAPID_SUBJECT: "mailto:a@shop.example" };
const endpoint = "https://fcm.googleapis.com/fcm/send/abc";
const receiver = new Receiver();

const bearer = async (sub: string, role?: Role) => ({
  authorization: `Bearer ${await signToken(tokenSecret, { sub, ...(role && { role }) })}`,
});

async function send(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
) {
  const response = await fetch(`${url}/push/subscriptions`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, detail: text === "" ? "" : JSON.parse(text).detail as string };
}

Deno.test("/push: without keys it is off and says so", async () => {
  await using server = await startServer();
  for (const path of ["key", "subscriptions"]) {
    const response = await fetch(`${server.url}/push/${path}`);
    assert.equal(response.status, 404);
    assert.equal((await response.json()).detail, "web push is off: set VAPID_KEYS");
  }
  const html = await (await fetch(`${server.url}/`)).text();
  assert.ok(html.includes(`"pushKey":null`));
  assert.match(server.output(), /web push is off: VAPID_KEYS is not set/);
});

Deno.test("/push: staff subscribe, each for themselves", async (t) => {
  await using server = await startServer({ env: production });
  const { url } = server;
  const staff = await bearer("an", "staff");
  const request = subscriptionAt(endpoint, receiver);

  await t.step("the key is everybody's", async () => {
    const response = await fetch(`${url}/push/key`);
    assert.deepEqual(await response.json(), { key: keys.publicKey });
    assert.ok(!server.output().includes(keys.privateKey));
  });

  await t.step("only a token of staff that names its user will do", async () => {
    for (const method of ["POST", "DELETE"]) {
      assert.equal((await send(url, method, {}, request)).status, 401);
      assert.equal((await send(url, method, { "x-api-key": apiKey }, request)).status, 401);
      assert.equal((await send(url, method, { authorization: "Bearer x" }, request)).status, 401);
      assert.equal((await send(url, method, await bearer("an"), request)).status, 403);
      assert.equal((await send(url, method, await bearer("", "staff"), request)).status, 403);
    }
  });

  await t.step("created, renewed, replaced, removed", async () => {
    assert.equal((await send(url, "POST", staff, request)).status, 201);
    assert.equal((await send(url, "POST", staff, request)).status, 204);
    const { keys: { auth } } = request;
    const next = { ...subscriptionAt(`${endpoint}2`, receiver), expirationTime: undefined };
    const replaced = (old: object) => send(url, "PUT", {}, { old, subscription: next });
    assert.equal((await replaced({ endpoint, auth: "AAAAAAAAAAAAAAAAAAAAAA" })).status, 404);
    const unchecked = { ...next, keys: { p256dh: "AAAA", auth } };
    const stranger = { endpoint: `${endpoint}3`, auth };
    assert.equal(
      (await send(url, "PUT", {}, { old: stranger, subscription: unchecked })).status,
      404,
    );
    assert.equal((await replaced({ endpoint, auth })).status, 204);
    assert.equal((await replaced({ endpoint, auth })).status, 404);
    assert.equal((await send(url, "DELETE", staff, { endpoint: `${endpoint}2` })).status, 204);
    assert.equal((await send(url, "DELETE", staff, { endpoint: `${endpoint}2` })).status, 204);
    const admin = await bearer("chi", "admin");
    assert.equal((await send(url, "POST", admin, request)).status, 201);
  });

  const bad: [string, unknown, number, RegExp][] = [
    ["no JSON", "{", 400, /JSON/],
    ["no endpoint", { keys: receiver.keys }, 400, /^endpoint: /],
    ["an endpoint on this machine", { ...request, endpoint: "http://127.0.0.1:1/" }, 400, /https/],
    ["a private address", { ...request, endpoint: "https://10.0.0.1/" }, 400, /PUSH_SERVICES/],
    ["a long endpoint", { ...request, endpoint: endpoint.padEnd(1_500, "x") }, 400, /longer than/],
    ["a longer one", { ...request, endpoint: endpoint.padEnd(3_000, "x") }, 400, /^endpoint: /],
    ["no keys", { endpoint }, 400, /^keys: /],
    ["no point", { ...request, keys: { ...receiver.keys, p256dh: "AAAA" } }, 400, /p256dh/],
    [
      "a point beside the curve",
      { ...request, keys: { ...receiver.keys, p256dh: `BA${"A".repeat(85)}` } },
      400,
      /no P-256 point/,
    ],
    ["a short secret", { ...request, keys: { ...receiver.keys, auth: "AAAA" } }, 400, /16 bytes/],
    ["no base64url", { ...request, keys: { ...receiver.keys, auth: "a b" } }, 400, /keys.auth/],
    ["another language", { ...request, language: "fr" }, 400, /^language: /],
    ["one that is over", { ...request, expirationTime: 1 }, 400, /has passed/],
    ["half a millisecond", { ...request, expirationTime: 1e14 + 0.5 }, 400, /^expirationTime: /],
    ["too much", JSON.stringify({ ...request, more: "x".repeat(20_000) }), 413, /larger than/],
  ];
  for (const [what, body, status, detail] of bad) {
    await t.step(`refused: ${what}`, async () => {
      const answer = await send(url, "POST", staff, body);
      assert.equal(answer.status, status, answer.detail);
      assert.match(answer.detail, detail);
    });
  }

  await t.step("refused: a foreign page, and another type of body", async () => {
    const text = { ...staff, "content-type": "text/plain" };
    assert.equal((await send(url, "POST", text, request)).status, 415);
    await using other = await startServer({
      env: { ...production, ALLOWED_ORIGINS: "https://a.example" },
    });
    const foreign = { ...staff, origin: "https://evil.example" };
    assert.equal((await send(other.url, "POST", foreign, request)).status, 403);
  });

  await t.step(
    "the service worker rules the whole site and is compared on each visit",
    async () => {
      const response = await fetch(`${url}/service_worker.js`);
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-type") ?? "", /^text\/javascript/);
      assert.equal(response.headers.get("cache-control"), "no-cache");
      assert.doesNotMatch(await response.text(), /\bexport\b/);
    },
  );
});

Deno.test("/push: an order placed at the shop arrives at the push service, and is counted", async () => {
  await using service = startPushService();
  await using server = await startServer({ dev: true, env: { VAPID_KEYS: keys.privateKey } });
  const { url } = server;
  const headers = { ...await bearer("an", "staff"), "content-type": "application/json" };
  const own = subscriptionAt(`${service.url}/secret-endpoint`, receiver, "vi");
  assert.equal((await send(url, "POST", headers, own)).status, 201);
  const shop = async (method: string, path: string, body: object) => {
    const init = { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${url}/store/${path}`, init);
    await response.body?.cancel();
    assert.ok(response.ok);
  };
  await shop("PUT", "stock/A", { name: "A", quantity: 9, unitPrice: 500 });
  await shop("POST", "orders", { id: "o-1", lines: [{ sku: "A", quantity: 2 }] });
  const request = await service.next();
  const message = JSON.parse(receiver.decrypt(request.body));
  assert.deepEqual([message.title, message.orders], ["Đơn hàng mới", ["o-1"]]);
  assert.equal((await vapidClaims(request, keys.publicKey)).aud, service.url);
  while (await metric(url, 'nhip_pushes_total{outcome="sent"}') !== 1);
  assert.ok(!server.output().includes("secret-endpoint"));
});
