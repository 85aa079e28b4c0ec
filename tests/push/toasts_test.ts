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
  const shown = () => {
    const toast = toasts.shown.value;
    return toast === null ? null : `${toast.latest.id}×${toast.count}`;
  };
  return { clock, toasts, add, shown };
}

function order(id: string): OrderSummary {
  const times = { placedAt: 0, updatedAt: 0, version: 1 };
  return { id, status: "placed", country: "", lineCount: 1, total: 1, currency: "GBP", ...times };
}

Deno.test("toasts: orders that come together share one, which goes by itself", () => {
  const { clock, add, shown } = opened();
  add("a", "b", "c");
  assert.equal(shown(), "c×3");
  clock.advance(5_999);
  assert.equal(shown(), "c×3");
  clock.advance(1);
  assert.equal(shown(), null);
  assert.equal(clock.waiting, 0);
  add("d");
  assert.equal(shown(), "d×1");
});

Deno.test("toasts: those that come while one is shown join it", () => {
  const { clock, toasts, add, shown } = opened();
  for (const id of ["a", "b", "c"]) add(id);
  assert.equal(shown(), "c×3");
  // It has its whole time again with each of them.
  clock.advance(5_999);
  assert.equal(shown(), "c×3");
  toasts.dismiss();
  assert.equal(shown(), null);
  assert.equal(clock.waiting, 0);
});

Deno.test("toasts: it does not go while the reader is at it, and later does", () => {
  const { clock, toasts, add, shown } = opened();
  add("a");
  toasts.pause();
  clock.advance(60_000);
  add("b");
  clock.advance(60_000);
  assert.equal(shown(), "b×2");
  toasts.resume();
  clock.advance(6_000);
  assert.equal(shown(), null);

  // Closed by hand, it has nothing left to leave.
  add("c");
  toasts.pause();
  toasts.dismiss();
  add("d");
  assert.equal(shown(), "d×1");
  clock.advance(6_000);
  assert.equal(shown(), null);
  assert.equal(clock.waiting, 0);
});
