/** The positions that a vehicle has gathered, sent together. */
import assert from "node:assert/strict";
import { Hono, type MiddlewareHandler } from "hono";
import { signToken, tokenVerifier } from "../../lib/auth/tokens.ts";
import { shopAccess } from "../../routes/access.ts";
import { onRouteError } from "../../routes/problem.ts";
import { storeRoutes } from "../../routes/store.ts";
import { apiKey, tokenSecret } from "../support/server.ts";
import { ManualClock, openTestStore, Recorder, tempKv } from "./support.ts";

interface Answer {
  readonly detail?: string;
  readonly reason?: string;
  readonly now?: number;
  readonly accepted?: number;
  readonly applied?: boolean;
  readonly position?: { readonly lat: number; readonly at: number };
}

async function shop(access?: ReturnType<typeof shopAccess>) {
  const db = await tempKv();
  const recorder = new Recorder();
  const clock = new ManualClock();
  const store = openTestStore(db.kv, recorder, { clock });
  const open: MiddlewareHandler = (_, next) => next();
  const allowed = access ?? { authorize: open, authorizeWrite: open, authorizeChat: open };
  const faults: unknown[] = [];
  const onError = (error: unknown) => void faults.push(error);
  const app = new Hono();
  app.onError(onRouteError(onError));
  const now = () => clock.now();
  app.route("/store", storeRoutes({ store, ...allowed, onError, now }));
  const send = async (method: string, path: string, body: unknown, headers: HeadersInit = {}) => {
    const response = await app.request(`/store/vehicles/${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, answer: await answerOf(response) };
  };
  return {
    clock,
    recorder,
    store,
    faults,
    send,
    async [Symbol.asyncDispose]() {
      await store.close();
      await db[Symbol.asyncDispose]();
    },
  };
}

async function answerOf(response: Response): Promise<Answer> {
  return response.status === 204 ? {} : await response.json();
}

const along = (times: readonly number[]) => ({
  positions: times.map((time, i) => ({ lat: 10 + i, lon: 106, speed: null, time })),
});

Deno.test("positions: all are taken, and the newest alone is stored and told, whatever the order", async () => {
  await using it = await shop();
  const now = it.clock.now();
  const first = await it.send("POST", "van-1/positions", along([now - 3_000, now, now - 1_000]));
  assert.deepEqual([first.status, first.answer.accepted, first.answer.applied], [200, 3, true]);
  assert.deepEqual([first.answer.position?.lat, first.answer.position?.at], [11, now]);
  assert.equal(first.answer.now, now);
  await it.recorder.until(() => it.recorder.on("vehicles:all").length === 1);
  assert.equal(it.recorder.calls.length, 1);
});

Deno.test("positions: sent again, or late, they change nothing", async () => {
  await using it = await shop();
  const now = it.clock.now();
  const batch = along([now - 2_000, now]);
  await it.send("POST", "van-1/positions", batch);
  it.clock.advance(1_000);
  for (const again of [batch, along([now - 9_000, now - 8_000])]) {
    const { status, answer } = await it.send("POST", "van-1/positions", again);
    assert.deepEqual([status, answer.accepted, answer.applied], [200, 2, false]);
    assert.equal(answer.position?.at, now);
  }
  await it.recorder.until(() => it.recorder.on("vehicles:all").length === 1);
  assert.equal(it.recorder.calls.length, 1);
});

Deno.test("positions: of a clock that is ahead the refusal says the time", async () => {
  await using it = await shop();
  const now = it.clock.now();
  const late = await it.send("POST", "van-1/positions", along([now, now + 60_001]));
  assert.equal(late.status, 400);
  assert.equal(
    late.answer.detail,
    `positions.1.time: ${now + 60_001} is in the future; the time here is ${now}`,
  );
  assert.deepEqual([late.answer.reason, late.answer.now], ["future", now]);
  assert.equal((await it.send("POST", "van-1/positions", along([now + 60_000]))).status, 200);
});

const good = { lat: 10, lon: 106, time: 1 };
const refusals: [unknown, number, RegExp][] = [
  [{ positions: [] }, 400, /^positions: /],
  [{ positions: Array(501).fill(good) }, 400, /^positions: /],
  [{ positions: good }, 400, /^positions: .*array/],
  [{}, 400, /^positions: /],
  [[good], 400, /expected object/],
  [{ positions: [good, { ...good, lat: 90.1 }] }, 400, /^positions\.1\.lat: /],
  [{ positions: [{ ...good, lon: -181 }] }, 400, /^positions\.0\.lon: /],
  [{ positions: [{ ...good, lat: null }] }, 400, /^positions\.0\.lat: .*null/],
  [{ positions: [{ ...good, speed: 501 }] }, 400, /^positions\.0\.speed: /],
  [{ positions: [{ ...good, time: 1.5 }] }, 400, /^positions\.0\.time: /],
  [{ positions: [{ ...good, time: -1 }] }, 400, /^positions\.0\.time: /],
  [{ positions: [{ lat: 1, lon: 1 }] }, 400, /^positions\.0\.time: /],
  [{ positions: [{ ...good, route: "x".repeat(33) }] }, 400, /^positions\.0\.route: /],
  ['{"positions":[{"lat":NaN,"lon":1,"time":1}]}', 400, /JSON/],
  ["[".repeat(300_000), 413, /larger/],
];

Deno.test("positions: what is refused, and how", async () => {
  await using it = await shop();
  for (const [body, status, detail] of refusals) {
    const refused = await it.send("POST", "van-1/positions", body);
    const what = JSON.stringify(body).slice(0, 100);
    assert.equal(refused.status, status, `${what}: ${JSON.stringify(refused.answer)}`);
    assert.match(refused.answer.detail ?? "", detail, what);
  }
  assert.equal((await it.send("POST", "van 1/positions", { positions: [good] })).status, 400);
  assert.deepEqual(it.faults, []);
  assert.deepEqual((await it.store.listVehicles({ limit: 1 })).items, []);
});

Deno.test("positions: a driver reports its own vehicle and nothing else", async (t) => {
  await using it = await shop(shopAccess(tokenVerifier({ secret: tokenSecret }), apiKey));
  const bearer = async (sub: string, role?: "driver" | "staff" | "admin") => ({
    authorization: `Bearer ${await signToken(tokenSecret, { sub, ...(role && { role }) })}`,
  });
  const van = await bearer("van-1", "driver");
  const one = { lat: 10, lon: 106, at: it.clock.now() };
  const many = along([it.clock.now()]);

  await t.step("who may", async () => {
    const allowed = [van, await bearer("lan", "staff"), await bearer("x", "admin"), {
      "x-api-key": apiKey,
    }];
    for (const who of allowed) {
      assert.equal((await it.send("PUT", "van-1/position", one, who)).status, 200);
      assert.equal((await it.send("POST", "van-1/positions", many, who)).status, 200);
    }
  });

  await t.step("who may not", async () => {
    const other = await it.send("POST", "van-2/positions", many, van);
    assert.equal(other.status, 403);
    assert.equal((await it.send("DELETE", "van-2", undefined, van)).status, 403);
    assert.equal(other.answer.detail, `the token is for the vehicle "van-1", not for "van-2"`);
    assert.equal((await it.send("PUT", "van-2/position", one, van)).status, 403);
    for (const who of [await bearer("van-1"), await bearer("", "driver")]) {
      assert.equal((await it.send("POST", "van-1/positions", many, who)).status, 403);
    }
    assert.equal((await it.send("POST", "van-1/positions", many)).status, 401);
    assert.deepEqual((await it.store.listVehicles({ limit: 9 })).items.map(({ id }) => id), [
      "van-1",
    ]);
  });

  await t.step("it may go off duty, also twice, and come back", async () => {
    for (let i = 0; i < 2; i++) {
      assert.equal((await it.send("DELETE", "van-1", undefined, van)).status, 204);
    }
    assert.deepEqual((await it.store.listVehicles({ limit: 9 })).items, []);
    assert.equal((await it.send("POST", "van-1/positions", many, van)).status, 200);
    assert.equal((await it.store.listVehicles({ limit: 9 })).items.length, 1);
  });

  await t.step("nothing else of what staff may", async () => {
    const lamp = { name: "Lamp", quantity: 1, unitPrice: 1 };
    const refused = await it.send("PUT", "../stock/L1", lamp, van);
    assert.deepEqual([refused.status, refused.answer.detail], [
      403,
      `the token's role is not "staff"`,
    ]);
    const said = await it.send("POST", "../chat/help/messages", { text: "hi" }, van);
    assert.equal(said.status, 201);
    assert.equal("isStaff" in said.answer, false);
  });

  await t.step("not faster than its pace, which is no other's", async () => {
    it.clock.advance(60_000);
    const taken: number[] = [];
    for (let i = 0; i < 31; i++) {
      taken.push((await it.send("POST", "van-1/positions", many, van)).status);
    }
    assert.deepEqual(taken, [...Array(30).fill(200), 429]);
    const again = await it.send("POST", "van-1/positions", many, van);
    assert.equal(again.headers.get("retry-after"), "1");
    const other = await bearer("van-2", "driver");
    assert.equal((await it.send("POST", "van-2/positions", many, other)).status, 200);
    it.clock.advance(500);
    assert.equal((await it.send("POST", "van-1/positions", many, van)).status, 200);
  });
});
