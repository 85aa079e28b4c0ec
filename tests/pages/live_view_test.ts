import assert from "node:assert/strict";
import { cellText, Fields, restOf } from "../../islands/live/fields.ts";
import { LiveView, mostRows } from "../../islands/live/view.ts";

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

Deno.test("live view: no more rows than help are shown, and all are counted", () => {
  const many = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`k${i}`, i]));
  const view = viewOf(many);
  assert.equal(view.rows.value.length, mostRows);
  assert.equal(view.count.value, 700);
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
  assert.deepEqual([null, undefined, 1.5, [1], { a: 1 }].map(cellText), [
    "null",
    "",
    "1.5",
    "[1]",
    `{"a":1}`,
  ]);
});
