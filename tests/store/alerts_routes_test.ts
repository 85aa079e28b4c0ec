/** Alerts over REST: what is refused and why, on routes alone and on the real server. */
import assert from "node:assert/strict";
import { Hono, type MiddlewareHandler } from "hono";
import { watch } from "../client/watched.ts";
import { storeRoutes } from "../../routes/store.ts";
import { Allowance } from "../../routes/allowance.ts";
import type { Role } from "../../lib/auth/identity.ts";
import { signToken } from "../../lib/auth/tokens.ts";
import type { Alert } from "../../lib/store/alerts_shape.ts";
import { apiKey, startServer, tokenSecret } from "../support/server.ts";
import { openTestStore, Recorder, tempKv, turnsUntil } from "./support.ts";

/** What any of the routes may answer; the tests look at what they expect. */
type Answer = Alert & { detail: string; alerts: Alert[]; next: string | null };
const lamp = { name: "Lamp", quantity: 100, unitPrice: 255 };
const order = (id: string) => ({ id, country: "", lines: [{ sku: "L1", quantity: 1 }] });
const report = (order: string, text = "Nobody home") => ({ order, text, severity: "warning" });

async function shop(as?: string) {
  const db = await tempKv();
  const store = openTestStore(db.kv, new Recorder());
  const open: MiddlewareHandler = async (c, next) => {
    if (as !== undefined) c.set("user", as);
    await next();
  };
  const app = new Hono().route(
    "/store",
    storeRoutes({ store, authorize: open, authorizeWrite: open, authorizeChat: open }),
  );
  await store.putStock("L1", lamp);
  for (const id of ["A-1", "A-2"]) await store.placeOrder(order(id));
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await app.request(`/store${path}`, {
      method,
      ...(body !== undefined &&
        { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const retryAfter = response.headers.get("retry-after");
    return { status: response.status, retryAfter, body: await response.json() as Answer };
  };
  return {
    store,
    send,
    async [Symbol.asyncDispose]() {
      await store.close();
      await db[Symbol.asyncDispose]();
    },
  };
}

Deno.test("alerts' routes: reported, listed part by part, acknowledged, closed", async () => {
  await using it = await shop("mai");
  const first = await it.send("POST", "/alerts", report("A-1"));
  assert.deepEqual([first.status, first.body.id], [201, "delivery:A-1"]);
  assert.deepEqual(first.body.text, { message: "Nobody home", by: "mai" });
  assert.equal((await it.send("POST", "/alerts", report("A-1", "Still so"))).status, 200);
  const { severity: _, ...without } = report("A-2");
  assert.equal((await it.send("POST", "/alerts", without)).body.severity, "warning");
  const { body: part } = await it.send("GET", "/alerts?limit=1");
  assert.deepEqual([part.alerts[0]?.subject, part.next], ["A-1", "delivery:A-1"]);
  const rest = await it.send("GET", `/alerts?after=${encodeURIComponent(part.next ?? "")}`);
  assert.deepEqual(rest.body.alerts.map(({ subject }) => subject), ["A-2"]);
  const id = "delivery%3AA-1";
  const seen = await it.send("POST", `/alerts/${id}/acknowledge`, { by: "somebody else" });
  assert.deepEqual([seen.status, seen.body.acknowledgedBy], [200, "mai"]);
  for (const _ of ["once", "and again"]) {
    const closed = await it.send("DELETE", `/alerts/${id}`);
    assert.deepEqual([closed.status, closed.body.ended?.by], [200, "mai"]);
  }
  const late = await it.send("POST", `/alerts/${id}/acknowledge`, {});
  assert.deepEqual([late.status, late.body.detail], [
    409,
    'alert "delivery:A-1" is over: closed',
  ]);
});

Deno.test("alerts' routes: a back end says who acknowledges, and is not held back", async () => {
  await using it = await shop();
  for (let i = 0; i < 30; i++) {
    assert.ok((await it.send("POST", "/alerts", report("A-1", `No ${i}`))).status < 300);
  }
  const path = "/alerts/delivery:A-1/acknowledge";
  const unnamed = await it.send("POST", path, {});
  assert.deepEqual([unnamed.status, unnamed.body.detail], [400, "by: required"]);
  assert.equal((await it.send("POST", path, { by: "desk" })).body.acknowledgedBy, "desk");
  assert.equal((await it.send("DELETE", "/alerts/delivery:A-1")).body.ended?.by, null);
});

const bad: [string, string, unknown, number, RegExp][] = [
  ["POST", "/alerts", undefined, 415, /application\/json/],
  ["POST", "/alerts", [], 400, /object/],
  ["POST", "/alerts", {}, 400, /order.*text/],
  ["POST", "/alerts", report("A-1", " \n "), 400, /text/],
  ["POST", "/alerts", report("A-1", "x".repeat(501)), 400, /text/],
  ["POST", "/alerts", report("A-1", "a\u0000"), 400, /text: must not contain control/],
  ["POST", "/alerts", report("A-1", "\ud800"), 400, /text: is not well-formed/],
  ["POST", "/alerts", report("A/1"), 400, /order/],
  ["POST", "/alerts", report("x".repeat(65)), 400, /order/],
  ["POST", "/alerts", { ...report("A-1"), severity: "fatal" }, 400, /severity/],
  ["POST", "/alerts", report("none"), 404, /no order "none"/],
  ["GET", "/alerts?limit=0", undefined, 400, /limit/],
  ["GET", "/alerts?limit=1001", undefined, 400, /limit/],
  ["GET", "/alerts?after=", undefined, 400, /after/],
  ["POST", "/alerts/stock:NO/acknowledge", { by: "desk" }, 404, /no alert "stock:NO"/],
  ["POST", "/alerts/stock:NO/acknowledge", undefined, 415, /application\/json/],
  ["POST", "/alerts/stock:NO/acknowledge", { by: "x".repeat(61) }, 400, /by/],
  ["POST", `/alerts/${"x".repeat(256)}/acknowledge`, {}, 400, /id/],
  ["POST", "/alerts/%00/acknowledge", { by: "mai" }, 404, /no alert/],
  ["DELETE", "/alerts/stock:NO", undefined, 404, /no alert "stock:NO"/],
  ["DELETE", "/alerts/%ED%A0%80", undefined, 404, /no alert/],
  ["PUT", "/alerts/stock:NO", {}, 404, /no PUT/],
  ["PUT", "/stock/L1", { ...lamp, lowAt: -1 }, 400, /lowAt/],
  ["PUT", "/stock/L1", { ...lamp, lowAt: 1.5 }, 400, /lowAt/],
  ["PUT", "/stock/L1", { ...lamp, lowAt: "10" }, 400, /lowAt/],
];

Deno.test("alerts' routes: a source's parameters may be anything, and its alert is closed all the same", async () => {
  await using it = await shop("mai");
  const failing = { state: "stale", since: 1, error: null } as const;
  const subject = `a: /Hà Nội\n?${"x".repeat(200)} `;
  it.store.sourceChanged(`sources:${subject}`, failing);
  const listed = async () => (await it.send("GET", "/alerts")).body.alerts;
  await turnsUntil(async () => (await listed()).length === 1);
  const path = `/alerts/${encodeURIComponent(`source:${subject}`)}`;
  assert.equal((await it.send("POST", `${path}/acknowledge`, {})).status, 200);
  assert.equal((await it.send("DELETE", path)).status, 200);
  assert.deepEqual(await listed(), []);
});

Deno.test("alerts' routes: bad input is refused with its reason", async () => {
  await using it = await shop();
  for (const [method, path, body, status, detail] of bad) {
    const answer = await it.send(method, path, body);
    assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(body)}`);
    assert.match(answer.body.detail, detail);
  }
  assert.deepEqual((await it.send("GET", "/alerts")).body.alerts, []);
});

Deno.test("an allowance: so many at once, then one after another, each their own", () => {
  let now = 1_000;
  const allowance = new Allowance({ most: 3, everyMs: 100, now: () => now });
  assert.deepEqual(["a", "a", "a", "a", "b"].map((who) => allowance.take(who)), [0, 0, 0, 100, 0]);
  now += 60;
  assert.equal(allowance.take("a"), 40);
  now += 40;
  assert.deepEqual([allowance.take("a"), allowance.take("a")], [0, 100]);
  now += 10_000;
  assert.deepEqual(["a", "a", "a", "a"].map((who) => allowance.take(who)), [0, 0, 0, 100]);
  // However many there are, who has used up theirs is remembered longest.
  for (let i = 0; i < 20_000; i++) allowance.take(`other ${i}`);
  assert.equal(allowance.take("a"), 100);
});

Deno.test("alerts on the server: rights, rates, and a source that fails and answers again", async (t) => {
  let broken = false;
  await using source = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    return broken ? new Response("", { status: 503 }) : Response.json([{ id: 1 }]);
  });
  const { port } = source.addr;
  const one = { url: `http://127.0.0.1:${port}/`, every: "100ms", key: "id", always: true };
  const channels = { namespaces: [], bridge: { sources: [{ name: "fleet", ...one }] } };
  await using server = await startServer({ channels });
  const bearer = async (sub: string, role?: Role) => ({
    authorization: `Bearer ${await signToken(tokenSecret, { sub, ...(role && { role }) })}`,
  });
  const send = async (as: HeadersInit, method: string, path: string, body?: unknown) => {
    const response = await fetch(`${server.url}/store${path}`, {
      method,
      headers: { ...as, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const retryAfter = response.headers.get("retry-after");
    return { status: response.status, retryAfter, body: await response.json() as Answer };
  };
  const backEnd = { "x-api-key": apiKey };
  const staff = await bearer("mai", "staff");
  const customer = await bearer("an");
  await send(backEnd, "PUT", "/stock/L1", lamp);
  await send(backEnd, "POST", "/orders", order("A-1"));
  const path = "/alerts/delivery:A-1";

  await t.step("whoever a token names reports; only staff acknowledge and close", async () => {
    assert.equal((await send({}, "POST", "/alerts", report("A-1"))).status, 401);
    assert.equal((await send(await bearer(""), "POST", "/alerts", report("A-1"))).status, 403);
    assert.equal((await send(customer, "POST", "/alerts", report("A-1"))).status, 201);
    assert.equal((await send({}, "GET", "/alerts")).status, 401);
    assert.equal((await send(customer, "GET", "/alerts")).body.alerts.length, 1);
    for (const [method, at] of [["POST", `${path}/acknowledge`], ["DELETE", path]] as const) {
      assert.equal((await send({}, method, at, {})).status, 401);
      assert.equal((await send(customer, method, at, {})).status, 403);
      const unnamed = await send(await bearer("", "staff"), method, at, {});
      assert.deepEqual([unnamed.status, unnamed.body.detail], [
        403,
        "the token names no user (sub)",
      ]);
    }
    const seen = await send(staff, "POST", `${path}/acknowledge`, {});
    assert.deepEqual([seen.status, seen.body.acknowledgedBy], [200, "mai"]);
    const admin = await bearer("ha", "admin");
    const late = await send(admin, "POST", `${path}/acknowledge`, {});
    assert.deepEqual([late.status, late.body.detail], [
      409,
      'alert "delivery:A-1" was acknowledged by "mai"',
    ]);
    assert.equal((await send(admin, "DELETE", path)).body.ended?.by, "ha");
  });

  await t.step("one user's reports are held back, staff's are not", async () => {
    const answers = await Promise.all(
      Array.from(
        { length: 12 },
        (_, i) => send(customer, "POST", "/alerts", report("A-1", `${i}`)),
      ),
    );
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length > 0);
    assert.match(refused[0]?.retryAfter ?? "", /^[1-6]$/);
    assert.match(refused[0]?.body.detail ?? "", /too many reports; again in \d s/);
    for (let i = 0; i < 12; i++) {
      assert.ok((await send(staff, "POST", "/alerts", report("A-1", `staff ${i}`))).status < 300);
    }
  });

  await t.step("a failing source is an alert until it answers", async () => {
    const token = await server.token();
    await using watched = watch({ url: server.url, token, states: ["alerts:all"] });
    const entry = () => {
      const alert = watched.client.state("alerts:all").entries?.get("source:fleet");
      return alert as Alert | undefined;
    };
    await watched.until("the first state", () => watched.told.some((one) => /^sync/.test(one)));
    assert.equal(entry(), undefined);
    broken = true;
    await watched.until("the alert", () => entry() !== undefined);
    const { severity, text } = entry() as Alert;
    assert.equal(severity, "critical");
    assert.equal("error" in text ? text.error : "", "answered 503");
    broken = false;
    await watched.until("its end", () => entry() === undefined);
  });
});
