import assert from "node:assert/strict";
import { mostOutgoing, Outbox } from "../../islands/chat/outbox.ts";
import { retryAfterMs } from "../../islands/chat/retry_after.ts";
import { Sender, type Sent } from "../../islands/chat/sender.ts";
import { ManualClock } from "../store/support.ts";

/** As a browser's, and full or denied when asked to be. */
class FakeStorage {
  readonly values = new Map<string, string>();
  fails = false;

  getItem(key: string): string | null {
    if (this.fails) throw new DOMException("denied", "SecurityError");
    return this.values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.fails) throw new DOMException("full", "QuotaExceededError");
    this.values.set(key, value);
  }

  removeItem(key: string): void {
    if (this.fails) throw new DOMException("denied", "SecurityError");
    this.values.delete(key);
  }
}

let ids = 0;
function openOutbox(storage: FakeStorage | null, rest: { user?: string; now?: () => number } = {}) {
  const newId = () => `c-${++ids}`;
  return new Outbox({ storage, room: "help", user: "an", now: () => 1_000, newId, ...rest });
}
const textsOf = ({ items }: Outbox) => items.value.map(({ text }) => text);

Deno.test("outbox: what waits is there again in the next page, for its user alone", () => {
  const storage = new FakeStorage();
  const first = openOutbox(storage);
  for (const text of ["một", "hai"]) assert.equal(first.add(text), true);
  const next = openOutbox(storage);
  assert.deepEqual(next.items.value, first.items.value);
  assert.deepEqual(textsOf(openOutbox(storage, { user: "bo" })), []);
  next.remove(next.first?.id ?? "");
  // The first page's tab is still open.
  first.add("ba");
  assert.deepEqual(textsOf(first), ["hai", "ba"]);
  next.reload();
  assert.deepEqual(textsOf(next), ["hai", "ba"]);
  for (const { id } of next.items.value) next.remove(id);
  assert.equal(storage.values.size, 0);
});

Deno.test("outbox: what cannot be kept is sent all the same, and said not to be kept", () => {
  for (const storage of [null, new FakeStorage()]) {
    if (storage !== null) storage.fails = true;
    const outbox = openOutbox(storage);
    assert.equal(outbox.add("một"), true);
    assert.deepEqual([textsOf(outbox), outbox.isKept.value], [["một"], false]);
  }
  const storage = new FakeStorage();
  const outbox = openOutbox(storage);
  storage.fails = true;
  outbox.add("một");
  storage.fails = false;
  outbox.add("hai");
  assert.deepEqual([textsOf(outbox), outbox.isKept.value], [["một", "hai"], true]);
  assert.deepEqual(textsOf(openOutbox(storage)), ["một", "hai"]);
});

Deno.test("outbox: it is bounded, and takes nothing strange out of the storage", () => {
  const storage = new FakeStorage();
  const outbox = openOutbox(storage);
  for (let i = 0; i < mostOutgoing; i++) assert.equal(outbox.add("x"), true);
  assert.equal(outbox.add("x"), false);
  const good = { id: "c-1", text: "x", at: 999, failure: null };
  const strange = [
    { ...good, id: "../x" },
    { ...good, text: "" },
    { ...good, text: "x".repeat(2_001) },
    { ...good, text: 1 },
    { ...good, at: "now" },
    { ...good, at: 999 - 8 * 24 * 3_600_000 },
    { ...good, failure: "x" },
    null,
    "x",
  ];
  const { key } = outbox;
  for (const text of ["", "{", "{}", "null", JSON.stringify([...strange, good])]) {
    storage.values.set(key, text);
    const items = openOutbox(storage).items.value;
    assert.deepEqual(items, text.startsWith("[") ? [good] : [], text);
  }
  storage.values.set(key, JSON.stringify(Array(500).fill(good)));
  assert.equal(openOutbox(storage).items.value.length, mostOutgoing);
});

function sending(answers: readonly Sent[]) {
  const outbox = openOutbox(new FakeStorage());
  const clock = new ManualClock();
  const posted: string[] = [];
  const stored: string[] = [];
  let unauthorized = 0;
  const left = [...answers];
  const sender = new Sender({
    outbox,
    post: ({ text }) => {
      posted.push(text);
      const message = { id: text, room: "help", author: "an", text, at: 0 };
      return Promise.resolve(left.shift() ?? { kind: "stored", message });
    },
    onStored: ({ text }) => stored.push(text),
    onUnauthorized: () => unauthorized++,
    random: () => 1,
    after: (ms, job) => clock.after(ms, job),
  });
  /** Until nothing happens any more without time. */
  const rest = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { outbox, clock, posted, stored, sender, rest, unauthorized: () => unauthorized };
}

Deno.test("sender: in order, one after the other, each until it is stored", async () => {
  const it = sending([{ kind: "later" }, { kind: "later" }]);
  for (const text of ["một", "hai"]) it.outbox.add(text);
  it.sender.wake();
  it.sender.wake();
  await it.rest();
  assert.deepEqual([it.posted, it.clock.dueIn], [["một"], 1_000]);
  it.clock.advance(1_000);
  await it.rest();
  assert.deepEqual([it.posted.length, it.clock.dueIn], [2, 2_000]);
  // There is a connection again: it is not waited for longer.
  it.sender.wake();
  await it.rest();
  assert.deepEqual([it.posted, it.stored], [["một", "một", "một", "hai"], ["một", "hai"]]);
  assert.deepEqual([textsOf(it.outbox), it.clock.waiting], [[], 0]);
});

Deno.test("sender: what is refused stays, and keeps nothing else back; it can be sent again", async () => {
  const it = sending([{ kind: "refused", status: 409 }]);
  for (const text of ["một", "hai"]) it.outbox.add(text);
  const [first] = it.outbox.items.value;
  it.sender.wake();
  await it.rest();
  assert.deepEqual(it.outbox.items.value, [{ ...first, failure: 409 }]);
  assert.deepEqual(it.stored, ["hai"]);
  it.outbox.retry(first?.id ?? "");
  assert.notEqual(it.outbox.first?.id, first?.id);
  it.sender.wake();
  await it.rest();
  assert.deepEqual([it.stored, textsOf(it.outbox)], [["hai", "một"], []]);
});

Deno.test("sender: what has come by its event is not sent again after a lost answer", async () => {
  const it = sending([{ kind: "later" }]);
  it.outbox.add("một");
  it.sender.wake();
  it.outbox.remove(it.outbox.first?.id ?? "");
  await it.rest();
  assert.deepEqual([it.posted, it.clock.waiting], [["một"], 0]);
});

Deno.test("sender: it is held back for as long as the server says, and keeps the order", async () => {
  const it = sending([{ kind: "later", afterMs: 3_000 }, { kind: "later", afterMs: 0 }]);
  for (const text of ["một", "hai"]) it.outbox.add(text);
  it.sender.wake();
  await it.rest();
  it.clock.advance(2_999);
  // Neither a further message nor a better connection makes it sooner.
  it.outbox.add("ba");
  it.sender.wake();
  await it.rest();
  assert.deepEqual([it.posted, it.clock.dueIn], [["một"], 1]);
  assert.deepEqual(it.outbox.items.value.map(({ failure }) => failure), [null, null, null]);
  it.clock.advance(1);
  await it.rest();
  // Who says "at once" and refuses again is not asked again and again.
  assert.deepEqual([it.posted, it.clock.dueIn], [["một", "một"], 2_000]);
  it.clock.advance(2_000);
  await it.rest();
  assert.deepEqual(it.stored, ["một", "hai", "ba"]);
  assert.deepEqual([textsOf(it.outbox), it.clock.waiting], [[], 0]);
});

Deno.test("sender: what has come by its event is not waited for, but the server's wish is heeded", async () => {
  const it = sending([{ kind: "later", afterMs: 3_000 }]);
  for (const text of ["một", "hai"]) it.outbox.add(text);
  it.sender.wake();
  it.outbox.remove(it.outbox.first?.id ?? "");
  await it.rest();
  assert.deepEqual([it.posted, it.clock.dueIn], [["một"], 3_000]);
  it.clock.advance(3_000);
  await it.rest();
  assert.deepEqual([it.posted, it.stored], [["một", "hai"], ["hai"]]);
});

Deno.test("sender: one that is held back can be closed", async () => {
  const it = sending([{ kind: "later", afterMs: 3_000 }]);
  it.outbox.add("một");
  it.sender.wake();
  await it.rest();
  it.sender.close();
  assert.equal(it.clock.waiting, 0);
});

Deno.test("when to come again: seconds or a date, never too late", () => {
  const now = Date.UTC(2026, 0, 1);
  const cases: [string | null, number | null][] = [
    [null, null],
    ["", null],
    ["soon", null],
    ["0", 0],
    [" 7 ", 7_000],
    ["99999999999999999999", 600_000],
    ["Thu, 01 Jan 2026 00:00:05 GMT", 5_000],
    ["Thu, 01 Jan 2026 23:00:00 GMT", 600_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["-3", null],
  ];
  for (const [header, ms] of cases) assert.equal(retryAfterMs(header, now), ms, `${header}`);
});

Deno.test("sender: without a right to send it waits for another token, and everything stays", async () => {
  const it = sending([{ kind: "unauthorized" }]);
  it.outbox.add("một");
  it.sender.wake();
  await it.rest();
  it.sender.wake();
  await it.rest();
  assert.deepEqual([it.unauthorized(), it.posted, textsOf(it.outbox)], [1, ["một"], ["một"]]);
});

Deno.test("sender: one that is closed does nothing more", async () => {
  const it = sending([{ kind: "later" }]);
  it.outbox.add("một");
  it.sender.wake();
  await it.rest();
  it.sender.close();
  assert.equal(it.clock.waiting, 0);
  it.sender.wake();
  await it.rest();
  assert.deepEqual(it.posted, ["một"]);
});
