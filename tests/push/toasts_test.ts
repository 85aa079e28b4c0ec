import assert from "node:assert/strict";
import { Toasts } from "../../islands/push/toasts.ts";
import type { OrderSummary } from "../../lib/store/events.ts";
import { ManualClock } from "../store/support.ts";

function opened() {
  const clock = new ManualClock();
  const toasts = new Toasts((ms, job) => clock.after(ms, job));
  const add = (...ids: string[]) => {
    for (const id of ids) toasts.add(order(id));
    clock.advance(150);
  };
  const shown = () => toasts.shown.value.map(({ latest, count }) => `${latest.id}×${count}`);
  const idOf = (at: number) => toasts.shown.value[at]?.id ?? -1;
  return { clock, toasts, add, shown, idOf };
}

function order(id: string): OrderSummary {
  const times = { placedAt: 0, updatedAt: 0, version: 1 };
  return { id, status: "placed", country: "", lineCount: 1, total: 1, currency: "GBP", ...times };
}

Deno.test("toasts: orders that come together share one, which goes by itself", () => {
  const { clock, add, shown } = opened();
  add("a", "b", "c");
  assert.deepEqual(shown(), ["c×3"]);
  clock.advance(5_999);
  assert.deepEqual(shown(), ["c×3"]);
  clock.advance(1);
  assert.deepEqual(shown(), []);
  assert.equal(clock.waiting, 0);
});

Deno.test("toasts: at most three, the last of which counts on", () => {
  const { clock, toasts, add, shown, idOf } = opened();
  for (const id of ["a", "b", "c", "d", "e"]) add(id);
  assert.deepEqual(shown(), ["a×1", "b×1", "e×3"]);
  toasts.dismiss(idOf(1));
  assert.deepEqual(shown(), ["a×1", "e×3"]);
  // The last has its whole time again with each that joins it.
  clock.advance(6_000 - 4 * 150);
  assert.deepEqual(shown(), ["e×3"]);
  clock.advance(4 * 150);
  assert.deepEqual(shown(), []);
});

Deno.test("toasts: nothing goes while the reader is at it, and later all do", () => {
  const { clock, toasts, add, shown, idOf } = opened();
  add("a");
  toasts.pause();
  clock.advance(60_000);
  add("b");
  clock.advance(60_000);
  assert.deepEqual(shown(), ["a×1", "b×1"]);
  toasts.resume();
  clock.advance(6_000);
  assert.deepEqual(shown(), []);

  // The last one closed by hand has nothing left to leave.
  add("c");
  toasts.pause();
  toasts.dismiss(idOf(0));
  add("d");
  clock.advance(6_000);
  assert.deepEqual(shown(), []);
});
