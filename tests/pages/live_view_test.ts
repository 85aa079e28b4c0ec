import assert from "node:assert/strict";
import { cellText, Fields, isTime, restOf } from "../../islands/live/fields.ts";
import { LiveView, rowsAtOnce } from "../../islands/live/view.ts";

function viewOf(entries: Record<string, unknown>): LiveView {
  const page = {
    language: "en",
    timeZone: "UTC",
    channel: "bridge:a",
    statusChannel: "sources:a",
    access: "granted",
    token: null,
  } as const;
  const view = new LiveView(page);
  view.reset(new Map(Object.entries(entries)));
  view.show();
  return view;
}

const keysOf = (view: LiveView) => view.rows.value.map(({ key }) => key);

Deno.test("live view: rows are in the order of their keys, numbers as numbers, through changes", () => {
  const view = viewOf({ "k-10": 1, "k-9": 1, "k-1": 1 });
  assert.deepEqual(keysOf(view), ["k-1", "k-9", "k-10"]);
  view.change("k-11", 1, 0);
  view.change("k-2", 1, 0);
  view.change("k-9", undefined, 0);
  view.change("gone already", undefined, 0);
  view.show();
  assert.deepEqual(keysOf(view), ["k-1", "k-2", "k-10", "k-11"]);
});

Deno.test("live view: keys that a language does not tell apart are rows of their own", () => {
  const view = viewOf({ "1": "a", "01": "b" });
  view.change("001", "c", 0);
  view.change("01", "d", 0);
  view.change("1", undefined, 0);
  view.show();
  const rows = view.rows.value.map(({ key, data }) => `${key}:${data}`).sort();
  assert.deepEqual(rows, ["001:c", "01:d"]);
});

Deno.test("live view: what changed is known; what comes with the first poll is no change", () => {
  const view = viewOf({});
  const status = { since: 0, checkedAt: null, error: null, failures: 0 };
  view.source.value = { ...status, state: "starting" };
  view.change("a", { n: 1 }, 0);
  view.source.value = { ...status, state: "live" };
  view.change("b", { n: 1 }, 0);
  view.change("b", { n: 2 }, 0);
  view.show();
  assert.deepEqual(view.rows.value.map(({ changes, before }) => ({ changes, before })), [
    { changes: 0, before: { n: 1 } },
    { changes: 2, before: { n: 1 } },
  ]);
});

const many = Object.fromEntries(
  Array.from({ length: 150 }, (_, i) => [`k${i}`, { n: `Bún ${i}` }]),
);

Deno.test("live view: of many rows some are shown, more where they are wanted, and all are counted", () => {
  const view = viewOf(many);
  const sizes = () => [view.rows.value.length, view.matches.value, view.count.value];
  assert.deepEqual(sizes(), [rowsAtOnce, 150, 150]);
  view.showMore();
  assert.deepEqual(sizes(), [2 * rowsAtOnce, 150, 150]);
  view.showMore();
  assert.deepEqual(sizes(), [150, 150, 150]);
});

Deno.test("live view: a filter finds what is in keys and in data, also what changes later", () => {
  const view = viewOf(many);
  view.look(" K149");
  assert.deepEqual(keysOf(view), ["k149"]);
  view.look("bún 14");
  assert.deepEqual([keysOf(view).length, view.count.value], [11, 150]);
  view.change("k3", { n: "bún 14 mới" }, 0);
  view.change("k14", { n: "phở" }, 0);
  view.show();
  assert.deepEqual(keysOf(view).slice(0, 2), ["k3", "k140"]);
  view.look("phở");
  assert.deepEqual(view.rows.value.map(({ data, before }) => data === before), [true]);
  view.look("");
  assert.deepEqual(view.rows.value.length, rowsAtOnce);
});

Deno.test("live view: a time is told by its field's name and by what a time may be", () => {
  const now = 1_795_447_751_820;
  for (const name of ["updatedAt", "at", "created_at", "startTime", "timestamp"]) {
    assert.ok(isTime(name, now), name);
  }
  assert.ok(!isTime("total", now));
  assert.ok(!isTime("uptime", 3_600));
  assert.ok(!isTime("format", now));
  for (const value of [now / 1_000, `${now}`, null, now * 1_000]) assert.ok(!isTime("at", value));
});

Deno.test("live view: columns are the fields, but for one that says the key again", () => {
  const fields = new Fields();
  fields.add("1", { id: 1, status: "a" });
  fields.add("2", { id: 2, total: null });
  fields.add("3", "text");
  assert.deepEqual(fields.columns(), {
    fields: ["status", "total"],
    again: ["id"],
    hasRest: false,
    hasValue: true,
  });
  fields.add("4", { id: 99 });
  assert.deepEqual(fields.columns().fields, ["id", "status", "total"]);
});

Deno.test("live view: more fields than fit are JSON in one column", () => {
  const fields = new Fields();
  const data = Object.fromEntries("abcdefghij".split("").map((name, i) => [name, i + 1]));
  fields.add("k", data);
  const columns = fields.columns();
  assert.equal(columns.fields.join(""), "abcdefg");
  assert.equal(restOf(data, columns), `{"h":8,"i":9,"j":10}`);
  assert.equal(restOf("text", columns), "");
  assert.equal(cellText("x".repeat(400)).length, 301);
  assert.deepEqual([null, undefined, 1.5, [1], { a: 1 }].map((value) => cellText(value)), [
    "null",
    "",
    "1.5",
    "[1]",
    `{"a":1}`,
  ]);
});
