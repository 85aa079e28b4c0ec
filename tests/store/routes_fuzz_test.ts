import assert from "node:assert/strict";
import type { MiddlewareHandler } from "hono";
import { storeRoutes } from "../../routes/store.ts";
import { openTestStore, Recorder, tempKv } from "./support.ts";
import { seeded } from "../support/random.ts";

const open: MiddlewareHandler = (_, next) => next();

/** Each with a body that would be accepted, whose parts are then broken. */
const targets: [string, string, unknown][] = [
  ["POST", "/orders", { id: "o", country: "x", lines: [{ sku: "L1", quantity: 1 }] }],
  ["PATCH", "/orders/none", { status: "packed" }],
  ["PUT", "/stock/L1", { name: "Lamp", quantity: 1, unitPrice: 1 }],
  ["POST", "/stock/L1/restock", { quantity: 1 }],
  ["PUT", "/vehicles/b/position", { lat: 1, lon: 2, speed: 3, route: "r", headsign: "h", at: 1 }],
  ["POST", "/chat/r/messages", { author: "An", text: "hello" }],
];

const oddities: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e21,
  -0,
  Number.MAX_SAFE_INTEGER + 2,
  "",
  " ",
  "\ud800",
  "\u0000",
  "__proto__",
  "x".repeat(5_000),
  [],
  [[]],
  {},
  { toString: 1, length: 3 },
  { __proto__: null, constructor: 1 },
];

type Random = () => number;

function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined && from.length === 0) throw new Error("nothing to pick from");
  return found as T;
}

/** The value with one part of it, at some depth, made odd, left out or moved. */
function broken(random: Random, value: unknown): unknown {
  if (typeof value !== "object" || value === null || random() < 0.15) return pick(random, oddities);
  if (Array.isArray(value)) return value.map((one) => broken(random, one));
  const name = pick(random, Object.keys(value));
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
  if (random() < 0.3) return rest;
  const part: unknown = Reflect.get(value, name);
  return { ...rest, [random() < 0.1 ? `${name}s` : name]: broken(random, part) };
}

/** Text that was JSON, cut, doubled or with a byte changed. */
function mangled(random: Random, text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const at = Math.floor(random() * bytes.length);
  if (random() < 0.4) return bytes.slice(0, at);
  if (random() < 0.5) return new Uint8Array([...bytes, ...bytes.slice(at)]);
  bytes[at] = Math.floor(random() * 256);
  return bytes;
}

function numberOf(text: string): number {
  return Number(text) || 1;
}

Deno.test("broken bodies are refused as problems and never end in a 5xx", async () => {
  await using db = await tempKv();
  await using store = openTestStore(db.kv, new Recorder());
  const faults: unknown[] = [];
  const onError = (error: unknown) => faults.push(error);
  const routes = storeRoutes({
    store,
    authorize: open,
    authorizeWrite: open,
    authorizeChat: open,
    onError,
  });
  const seed = numberOf(Deno.env.get("FUZZ_SEED") ?? "20101201");
  const random = seeded(seed);
  let refused = 0;
  for (let round = 0; round < 1_500; round++) {
    const [method, path, good] = pick(random, targets);
    const text = JSON.stringify(broken(random, good));
    const body = random() < 0.3 ? mangled(random, text) : text;
    const headers = { "Content-Type": "application/json" };
    const response = await routes.request(path, { method, body, headers });
    const answer = await response.text();
    const what = `seed ${seed} round ${round}: ${method} ${path} ${text.slice(0, 200)}: ${answer}`;
    assert.equal(response.status < 500, true, what);
    // A part that may be left out, or an odd value that happens to be allowed, is no fault.
    if (response.status < 400) continue;
    refused++;
    assert.equal(response.headers.get("content-type"), "application/problem+json", what);
    assert.equal(JSON.parse(answer).status, response.status, what);
  }
  assert.equal(refused > 1_000, true, `${refused} refused`);
  assert.deepEqual(faults, []);
});
