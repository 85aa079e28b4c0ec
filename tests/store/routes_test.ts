import assert from "node:assert/strict";
import { Hono, type MiddlewareHandler } from "hono";
import { storeRoutes } from "../../routes/store.ts";
import { openTestStore, Recorder, tempKv } from "./support.ts";

const open: MiddlewareHandler = (_, next) => next();

/** What any of the routes may answer; the tests look at what they expect. */
interface Answer {
  detail: string;
  name: string;
  quantity: number;
  version: number;
  id: string;
  status: string;
  author: string;
  next: string | null;
  applied: boolean;
  position: { speed: number };
  lines: unknown[];
  orders: { id: string }[];
  stock: { quantity: number }[];
  vehicles: unknown[];
  messages: unknown[];
}

async function shop(as?: string) {
  const db = await tempKv();
  const store = openTestStore(db.kv, new Recorder());
  const authorizeChat: MiddlewareHandler = async (c, next) => {
    if (as !== undefined) c.set("user", as);
    await next();
  };
  const faults: unknown[] = [];
  const onError = (error: unknown) => faults.push(error);
  const app = new Hono().route(
    "/store",
    storeRoutes({ store, authorize: open, authorizeWrite: open, authorizeChat, onError }),
  );
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await app.request(`/store${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
    const type = response.headers.get("content-type") ?? "";
    return { status: response.status, type, body: await response.json() as Answer };
  };
  return {
    app,
    send,
    faults,
    async [Symbol.asyncDispose]() {
      await store.close();
      await db[Symbol.asyncDispose]();
    },
  };
}

Deno.test("the routes: from the stock to a delivered and a cancelled order", async () => {
  await using it = await shop();
  const lamp = { name: " Lamp ", quantity: 10, unitPrice: 255 };
  assert.equal((await it.send("PUT", "/stock/L1", lamp)).body.name, "Lamp");
  assert.equal((await it.send("POST", "/stock/L1/restock", { quantity: 5 })).body.quantity, 15);
  const order = { id: "A-1", country: "EIRE", lines: [{ sku: "L1", quantity: 2 }] };
  const placed = await it.send("POST", "/orders", order);
  assert.equal(placed.status, 201);
  const again = await it.send("POST", "/orders", order);
  assert.deepEqual([again.status, again.body], [200, placed.body]);
  assert.equal((await it.send("POST", "/orders", { ...order, country: "" })).status, 409);
  assert.equal((await it.send("PATCH", "/orders/A-1", { status: "packed" })).body.version, 2);
  const unnamed = await it.send("POST", "/orders", { lines: order.lines });
  assert.match(unnamed.body.id, /^[0-9a-z]{26}$/);
  assert.equal((await it.send("DELETE", `/orders/${unnamed.body.id}`)).body.status, "cancelled");
  assert.deepEqual((await it.send("GET", "/orders/A-1")).body.lines, [
    { sku: "L1", name: "Lamp", quantity: 2, unitPrice: 255 },
  ]);
  const page = (await it.send("GET", "/orders?limit=1")).body;
  assert.equal(page.orders[0]?.id, unnamed.body.id);
  const rest = (await it.send("GET", `/orders?limit=1&before=${page.next}`)).body;
  assert.deepEqual([rest.orders[0]?.id, rest.next], ["A-1", null]);
  assert.equal((await it.send("GET", "/orders?status=packed")).body.orders.length, 1);
  assert.equal((await it.send("GET", "/stock?after=K")).body.stock[0]?.quantity, 13);
});

Deno.test("the routes: vehicles and chat", async () => {
  await using it = await shop();
  const position = { lat: 30, lon: -97, speed: null, route: "4", headsign: "WEST", at: 1000 };
  const moved = await it.send("PUT", "/vehicles/bus-1/position", position);
  assert.deepEqual([moved.body.applied, moved.body.position.speed], [true, 0]);
  const stale = await it.send("PUT", "/vehicles/bus-1/position", { ...position, at: 999 });
  assert.deepEqual([stale.status, stale.body.applied], [200, false]);
  assert.equal((await it.send("GET", "/vehicles")).body.vehicles.length, 1);
  const said = await it.send("POST", "/chat/help/messages", { author: "An", text: "chào\nbạn" });
  assert.equal(said.status, 201);
  assert.deepEqual((await it.send("GET", "/chat/help/messages")).body.messages, [said.body]);
  const nameless = await it.send("POST", "/chat/help/messages", { text: "hi" });
  assert.deepEqual([nameless.status, nameless.body.detail], [400, "author: required"]);
});

Deno.test("the routes: who is signed in is the author, whatever the body says", async () => {
  await using it = await shop("Bình");
  const said = await it.send("POST", "/chat/help/messages", { author: "An", text: "hi" });
  assert.equal(said.body.author, "Bình");
});

Deno.test("the routes: authorisation comes before everything", async () => {
  await using db = await tempKv();
  await using store = openTestStore(db.kv, new Recorder());
  const no: MiddlewareHandler = (c) => Promise.resolve(c.text("no", 401));
  const routes = storeRoutes({ store, authorize: no, authorizeWrite: no, authorizeChat: no });
  for (const [method, path] of every) {
    assert.equal((await routes.request(path, { method })).status, 401, `${method} ${path}`);
  }
});

const every = [
  ["POST", "/orders"],
  ["GET", "/orders"],
  ["GET", "/orders/x"],
  ["PATCH", "/orders/x"],
  ["DELETE", "/orders/x"],
  ["GET", "/stock"],
  ["PUT", "/stock/x"],
  ["POST", "/stock/x/restock"],
  ["GET", "/vehicles"],
  ["PUT", "/vehicles/x/position"],
  ["GET", "/chat/x/messages"],
  ["POST", "/chat/x/messages"],
  ["GET", "/chat/x/read"],
  ["PUT", "/chat/x/read"],
] as const;

const lines = [{ sku: "L1", quantity: 1 }];
const refusals: [string, string, unknown, number, RegExp][] = [
  ["POST", "/orders", { lines: [{ sku: "L1", quantity: 0 }] }, 400, /lines\.0\.quantity/],
  ["POST", "/orders", { lines: [{ sku: "L1", quantity: 100_001 }] }, 400, /lines\.0\.quantity/],
  ["POST", "/orders", { lines: [{ sku: "L1", quantity: null }] }, 400, /lines\.0\.quantity/],
  ["POST", "/orders", { lines: [{ sku: "a/b", quantity: 1 }] }, 400, /lines\.0\.sku/],
  ["POST", "/orders", { lines: Array(1_001).fill(lines[0]) }, 400, /lines/],
  ["POST", "/orders", { lines: [] }, 422, /at least one line/],
  ["POST", "/orders", { lines: [...lines, ...lines] }, 422, /two lines/],
  ["POST", "/orders", { lines }, 404, /no SKU "L1"/],
  ["POST", "/orders", { lines, id: "x".repeat(65) }, 400, /^id:/],
  ["POST", "/orders", { lines, country: "\ud800" }, 400, /country: is not well-formed/],
  ["POST", "/orders", [], 400, /expected object/],
  ["GET", "/orders?limit=0", undefined, 400, /limit/],
  ["GET", "/orders?limit=1001", undefined, 400, /limit/],
  ["GET", "/orders?limit=NaN", undefined, 400, /limit/],
  ["GET", "/orders?before=x", undefined, 400, /before/],
  ["GET", "/orders?status=lost", undefined, 400, /status/],
  ["GET", "/orders/none", undefined, 404, /no order "none"/],
  ["GET", "/orders/%FF", undefined, 400, /id/],
  ["PATCH", "/orders/none", { status: "packed" }, 404, /none/],
  ["PATCH", "/orders/none", { status: "lost" }, 400, /status/],
  ["DELETE", "/orders/none", undefined, 404, /none/],
  ["PUT", "/stock/L2", { name: "", quantity: 1, unitPrice: 1 }, 400, /name/],
  ["PUT", "/stock/L2", { name: "a\u0000", quantity: 1, unitPrice: 1 }, 400, /name/],
  ["PUT", "/stock/L2", { name: "a", quantity: -1, unitPrice: 1.5 }, 400, /quantity.*unitPrice/],
  ["PUT", `/stock/${"x".repeat(33)}`, {}, 400, /sku/],
  ["POST", "/stock/L2/restock", { quantity: 1 }, 404, /L2/],
  ["PUT", "/vehicles/b/position", { lat: 91, lon: 181, speed: -1 }, 400, /lat.*lon.*speed/],
  ["PUT", "/vehicles/b/position", { lat: 1, lon: 1, at: 9e14 }, 422, /in the future/],
  ["POST", "/chat/a b/messages", { author: "An", text: "x" }, 400, /room/],
  ["POST", "/chat/r/messages", { author: "An", text: "x".repeat(2_001) }, 400, /text/],
  ["POST", "/chat/r/messages", { author: "An", text: "  " }, 400, /text/],
  ["POST", "/chat/r/messages", { author: "x".repeat(61), text: "x" }, 400, /author/],
];

Deno.test("the routes: what is refused, and how", async () => {
  await using it = await shop();
  for (const [method, path, body, status, detail] of refusals) {
    const answer = await it.send(method, path, body);
    const what = `${method} ${path} ${JSON.stringify(body)?.slice(0, 80)}`;
    assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
    assert.equal(answer.type, "application/problem+json", what);
    assert.match(answer.body.detail, detail, what);
    assert.deepEqual(Object.keys(answer.body), ["type", "title", "status", "detail"]);
  }
});

Deno.test("the routes: bodies that are not JSON, or are too large", async () => {
  await using it = await shop();
  const post = async (body: BodyInit, type = "application/json") => {
    const headers: HeadersInit = type === "" ? {} : { "Content-Type": type };
    const init = { method: "POST", body, headers };
    const response = await it.app.request("/store/orders", init);
    return [response.status, (await response.json()).detail];
  };
  assert.deepEqual(await post("{"), [400, "Malformed JSON in request body"]);
  assert.deepEqual(await post("lines=1", "application/x-www-form-urlencoded"), [
    415,
    'Content-Type is "application/x-www-form-urlencoded"; it must be application/json',
  ]);
  assert.equal((await post(new Uint8Array(3), ""))[0], 415);
  assert.equal((await post("[".repeat(200_000)))[0], 400);
  assert.equal((await post(" ".repeat(300_000)))[0], 413);
  const nowhere = await it.send("GET", "/nothing");
  assert.equal(nowhere.status, 404);
});

Deno.test("the routes: a fault of ours is told as 500 and no more, and reported", async () => {
  const faults: unknown[] = [];
  const db = await tempKv();
  const store = openTestStore(db.kv, new Recorder());
  await store.close();
  await db[Symbol.asyncDispose]();
  const onError = (error: unknown) => faults.push(error);
  const routes = storeRoutes({
    store,
    authorize: open,
    authorizeWrite: open,
    authorizeChat: open,
    onError,
  });
  const response = await routes.request("/stock");
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /resource/i);
  assert.equal(faults.length, 1);
});
