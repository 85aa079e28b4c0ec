/** What becomes of what somebody at the dashboard wants. */
import assert from "node:assert/strict";
import { Acting } from "../../islands/dashboard/acting.ts";
import {
  type Action,
  advance,
  begin,
  type IntentEvent,
  type Subject,
} from "../../islands/dashboard/intents.ts";
import { mayAct } from "../../islands/dashboard/may.ts";
import { type Outcome, outcomeOf } from "../../islands/dashboard/requests.ts";
import type { Role } from "../../lib/auth/identity.ts";
import { signToken } from "../../lib/auth/tokens.ts";
import type { OrderStatus, OrderSummary, StockItem } from "../../lib/store/events.ts";
import { VirtualTime } from "../support/virtual_time.ts";

const order = (id: string, status: OrderStatus, version: number): OrderSummary => ({
  id,
  status,
  version,
  country: "",
  lineCount: 1,
  total: 1,
  currency: "GBP",
  placedAt: 1,
  updatedAt: 1,
});
const item = (quantity: number, updatedAt: number): StockItem => (
  { sku: "S", name: "Lamp", quantity, unitPrice: 100, lowAt: 10, updatedAt }
);
const place: Action = { kind: "place", id: "o", sku: "S", name: "", quantity: 1, unitPrice: 1 };
const pack: Action = { kind: "status", id: "o", to: "packed" };
const restock: Action = { kind: "restock", id: "r", sku: "S", name: "", quantity: 5 };

const told = (subject: Subject): IntentEvent => ({ kind: "told", subject });
const answered = (answer: object, known?: Subject): IntentEvent => (
  { kind: "answered", answer, known }
);
const lost: IntentEvent = { kind: "lost", isBusy: false };
const refused: IntentEvent = { kind: "refused", why: { name: "forbidden" } };
const settled: IntentEvent = { kind: "settled" };
const states = (action: Action, ...events: IntentEvent[]) =>
  events.reduce((intent, event) => advance(intent, event), begin(action, 0)).state.name;

Deno.test("intents: an answer alone confirms nothing, the event does, with or without it", () => {
  assert.equal(states(place, answered({ version: 1 })), "pending");
  assert.equal(states(place, told(order("o", "placed", 1))), "confirmed");
  assert.equal(states(place, answered({}), told(order("o", "packed", 2))), "confirmed");
  assert.equal(states(pack, told(order("o", "packed", 2))), "confirmed");
  assert.equal(states(restock, answered({ updatedAt: 9 })), "pending");
  assert.equal(states(restock, answered({ updatedAt: 9 }), told(item(5, 9))), "confirmed");
  assert.equal(states(restock, answered({ updatedAt: 9 }, item(5, 9))), "confirmed");
});

Deno.test("intents: what others do meanwhile is not taken for one's own", () => {
  assert.equal(states(pack, told(order("o", "cancelled", 2))), "pending");
  assert.equal(states(pack, told(order("o", "cancelled", 2)), refused), "refused");
  assert.equal(states(restock, told(item(4, 5)), answered({ updatedAt: 9 })), "pending");
  assert.equal(states(restock, answered({ updatedAt: 9 }), told(item(4, 5))), "pending");
});

Deno.test("intents: an event that was left out for a later one is made up for by that", () => {
  const done = answered({ version: 2 });
  assert.equal(states(pack, done, told(order("o", "shipped", 3))), "confirmed");
  assert.equal(states(pack, done, told(undefined)), "confirmed");
  assert.equal(states(pack, done, settled), "confirmed");
  assert.equal(states(pack, told(undefined)), "pending");
  assert.equal(states(pack, settled), "pending");
});

Deno.test("intents: what is lost may have arrived, and may be sent again; a refusal is final", () => {
  assert.equal(states(place, lost), "lost");
  assert.equal(states(place, lost, told(order("o", "placed", 1))), "confirmed");
  assert.equal(states(place, lost, { kind: "sent" }), "pending");
  assert.equal(states(place, refused, told(order("o", "placed", 1)), lost), "refused");
});

Deno.test("requests: each answer of the shop has its meaning", () => {
  assert.deepEqual(outcomeOf(201, { version: 1, updatedAt: 5, id: "o" }), {
    kind: "answered",
    answer: { version: 1, updatedAt: 5 },
  });
  for (const status of [500, 503, 429, 408]) {
    assert.deepEqual(outcomeOf(status, null), { kind: "lost", isBusy: true }, `${status}`);
  }
  const why = (status: number, body: unknown) => {
    const outcome = outcomeOf(status, body);
    return outcome.kind === "refused" ? outcome.why : outcome;
  };
  assert.deepEqual(why(409, { reason: "not_enough", left: 3 }), { name: "not_enough", left: 3 });
  assert.deepEqual(why(409, { status: 409, reason: "wrong_step", orderStatus: "shipped" }), {
    name: "wrong_step",
    status: "shipped",
  });
  assert.deepEqual(why(403, {}), { name: "forbidden" });
  assert.deepEqual(why(401, {}), { name: "token" });
  assert.deepEqual(why(422, { detail: "no" }), { name: "other", detail: "no" });
  assert.deepEqual(why(418, "tea"), { name: "other", detail: "HTTP 418" });
});

/** Requests that are answered by the test. */
function desk() {
  const acting = new Acting();
  const sent: { action: Action; answer: (outcome: Outcome) => void }[] = [];
  let known: Subject;
  acting.open(
    "yes",
    (action) => new Promise((answer) => sent.push({ action, answer })),
    () => known,
  );
  const reply = async (i: number, outcome: Outcome) => {
    sent[i]?.answer(outcome);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { acting, sent, reply, know: (subject: Subject) => known = subject };
}

Deno.test("acting: an order is shown at once, and again as the shop's own once its event has come", async () => {
  using _ = new VirtualTime(1_000);
  const { acting, sent, reply } = desk();
  const id = acting.place(item(50, 1), 3);
  assert.deepEqual(acting.placed.value.map((one) => [one.id, one.total, one.version]), [
    [id, 300, 0],
  ]);
  assert.match(id, /^[A-Z0-9-]{10,40}$/);
  await reply(0, { kind: "answered", answer: { version: 1 } });
  assert.equal(acting.placed.value.length, 1);
  assert.equal(acting.told("order", id, order(id, "placed", 1)), true);
  assert.equal(acting.placed.value.length, 0);
  assert.equal(acting.troubled.value.length, 0);
  assert.equal(sent.length, 1);
});

Deno.test("acting: an order that is refused is taken back, and it is said why", async () => {
  const { acting, reply } = desk();
  acting.place(item(2, 1), 3);
  await reply(0, { kind: "refused", why: { name: "not_enough", left: 2 } });
  assert.equal(acting.placed.value.length, 0);
  const [trouble] = acting.troubled.value;
  assert.deepEqual(trouble?.state, { name: "refused", why: { name: "not_enough", left: 2 } });
  if (trouble !== undefined) acting.dismiss(trouble);
  assert.equal(acting.troubled.value.length, 0);
});

Deno.test("acting: what was refused is said until a later one of its kind has come about", async () => {
  const { acting, reply } = desk();
  const early = acting.place(item(2, 1), 1);
  acting.place(item(2, 1), 3);
  await reply(1, { kind: "refused", why: { name: "not_enough", left: 2 } });
  acting.told("order", early, order(early, "placed", 1));
  acting.setStatus("o", "packed");
  acting.told("order", "o", order("o", "packed", 2));
  assert.equal(acting.troubled.value.length, 1);
  const later = acting.place(item(2, 1), 2);
  assert.equal(acting.troubled.value.length, 1);
  acting.told("order", later, order(later, "placed", 1));
  assert.equal(acting.troubled.value.length, 0);
});

Deno.test("acting: without an answer it is kept, and sent again under the same id", async () => {
  using _ = new VirtualTime(1_000);
  const { acting, sent, reply } = desk();
  acting.place(item(9, 1), 3);
  await reply(0, { kind: "lost", isBusy: false });
  assert.equal(acting.placed.value.length, 1);
  acting.retryAll();
  acting.retryAll();
  assert.equal(sent.length, 2);
  assert.deepEqual(sent[1]?.action, sent[0]?.action);
});

Deno.test("acting: who may only look is told so, and can do no more", async () => {
  const { acting, sent, reply } = desk();
  acting.setStatus("o", "packed");
  assert.equal(acting.statusOf("o"), "packed");
  acting.setStatus("o", "cancelled");
  assert.equal(sent.length, 1);
  await reply(0, { kind: "refused", why: { name: "forbidden" } });
  assert.deepEqual([acting.may.value, acting.statusOf("o")], ["no", undefined]);
  acting.place(item(9, 1), 3);
  assert.equal(sent.length, 1);
});

Deno.test("acting: whether one may act is read from the token, where it can be", async () => {
  const may = async (claims: { role?: Role }) =>
    mayAct(await signToken("s".repeat(32), { sub: "Đặng?>", ...claims }));
  assert.equal(await may({ role: "staff" }), "yes");
  assert.equal(await may({ role: "admin" }), "yes");
  assert.equal(await may({ role: "driver" }), "no");
  assert.equal(await may({}), "no");
  for (const unread of ["", "a.b.c", `a.${btoa("null")}.c`]) assert.equal(mayAct(unread), "yes");
});

Deno.test("acting: what is added to the stock is shown as coming until it is there", async () => {
  using time = new VirtualTime(1_000);
  const { acting, reply, know } = desk();
  acting.restock(item(1, 1), 5);
  acting.restock(item(1, 1), 2);
  assert.equal(acting.restocking("S"), 7);
  await reply(0, { kind: "answered", answer: { updatedAt: 20 } });
  assert.equal(acting.restocking("S"), 7);
  acting.told("stock", "S", item(6, 20));
  assert.equal(acting.restocking("S"), 2);
  know(item(6, 20));
  await reply(1, { kind: "answered", answer: { updatedAt: 30 } });
  assert.equal(acting.restocking("S"), 2);
  // Its event was left out in favour of one that has been told already.
  while (acting.restocking("S") > 0) assert.equal(time.step(15_000), true);
});

Deno.test("acting: what it keeps is bounded", () => {
  const { acting } = desk();
  for (let i = 0; i < 150; i++) acting.place(item(9, 1), 1);
  assert.equal(acting.placed.value.length, 100);
});
