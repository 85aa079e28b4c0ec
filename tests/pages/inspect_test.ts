/** What the inspector makes of what is typed, and of what a channel's tail brings. */
import assert from "node:assert/strict";
import { firstOf } from "../../lib/inspect/query.ts";
import { RateSampler } from "../../lib/inspect/rate_sampler.ts";
import { reordered } from "../../islands/inspect/inspect.ts";
import { readJson, readTags } from "../../islands/inspect/publishing.ts";
import { entryOf, TailList } from "../../islands/inspect/tail_list.ts";
import { inspectTexts } from "../../islands/inspect/texts.ts";

Deno.test("inspect: data that is no JSON is said where", () => {
  assert.deepEqual(readJson(' {"a": [1, null]} '), { kind: "value", value: { a: [1, null] } });
  const placeIn = (text: string) => {
    const read = readJson(text);
    return read.kind === "bad" ? read.place : undefined;
  };
  assert.deepEqual(placeIn('{\n  "a": 1,\n  b: 2\n}'), { line: 3, column: 3 });
  assert.deepEqual(placeIn(""), { line: 1, column: 1 });
  assert.deepEqual(placeIn('{"a":'), { line: 1, column: 6 });
  const unplaced = readJson("nonsense");
  assert.match(unplaced.kind === "bad" ? unplaced.detail : "", /nonsense/);
});

Deno.test("inspect: tags are names with values", () => {
  assert.deepEqual(readTags("  "), {});
  assert.deepEqual(readTags("city=Hà Nội, kind = a=b"), { city: "Hà Nội", kind: "a=b" });
  assert.deepEqual(readTags("__proto__=x"), Object.fromEntries([["__proto__", "x"]]));
  for (const text of ["city", "=x", "a=b,,c=d"]) assert.equal(readTags(text), null, text);
});

Deno.test("inspect: the tail is bounded, and stands still while it is paused", () => {
  const list = new TailList();
  const entry = (n: number) => {
    const data = JSON.stringify({ channel: "c", pub: { data: n, offset: n } });
    const made = entryOf("message", data, 0);
    assert.ok(made !== null);
    return made;
  };
  const offsets = () => list.entries.value.map(({ offset }) => offset);
  for (let n = 1; n <= 300; n++) list.add([entry(n)]);
  assert.deepEqual([offsets().length, offsets()[0], offsets().at(-1)], [200, 300, 101]);
  list.pause(true);
  list.add([entry(301), entry(302)]);
  assert.deepEqual([offsets()[0], list.missed.value], [300, 2]);
  list.pause(false);
  assert.deepEqual([offsets().length, offsets()[0], list.missed.value], [200, 302, 0]);
});

Deno.test("inspect: what an event of the tail shows", () => {
  const of = (type: string, data: unknown) => entryOf(type, JSON.stringify(data), 5);
  const pub = { key: "k", removed: true, offset: 3, tags: { a: "b", c: "d" } };
  assert.deepEqual(of("message", { channel: "c", pub }), {
    at: 5,
    kind: "removal",
    offset: 3,
    key: "k",
    text: "",
    tags: "a=b c=d",
  });
  assert.equal(of("join", { channel: "c", info: { user: "mai" } })?.text, "mai");
  assert.equal(of("subscribed", { channels: {} }), null);
  const long = of("message", { channel: "c", pub: { data: "x".repeat(9_000) } });
  assert.equal(long?.text.length, 2_001);
});

Deno.test("inspect: a column orders numbers from the largest, and then the other way", () => {
  const view = { filter: "x", order: "user", descending: false };
  assert.deepEqual(reordered(view, "lag", true), { filter: "x", order: "lag", descending: true });
  assert.deepEqual(reordered(view, "user", false), { ...view, descending: true });
});

Deno.test("inspect: rows in order, those without a value last", () => {
  const rows = [{ name: "a", n: null }, { name: "b", n: 1 }, { name: "d", n: 2 }, {
    name: "c",
    n: 2,
  }];
  const names = (descending: boolean, limit: number) =>
    firstOf(rows, { descending, limit }, ({ n }) => n, ({ name }) => name)
      .map(({ name }) => name).join("");
  assert.deepEqual([names(false, 9), names(true, 9), names(true, 2)], ["bcda", "cdba", "cd"]);
});

Deno.test("inspect: rates come of two looks, not too far from one another", () => {
  const rates = new RateSampler();
  const counter = { given: 10 };
  assert.equal(rates.sample(counter, 0), null);
  counter.given = 30;
  assert.equal(rates.sample(counter, 2_000), 10);
  counter.given = 1_000;
  assert.equal(rates.sample(counter, 2_500), 10, "another viewer's look");
  assert.equal(rates.sample(counter, 100_000), null);
});

Deno.test("inspect: times are said in their two largest units", () => {
  const { en, vi } = inspectTexts;
  const said = [0, 59, 60, 3_660, 86_400, 90_061].map((seconds) => en.duration(seconds));
  assert.deepEqual(said, ["0 s", "59 s", "1 min", "1 h 1 min", "1 d", "1 d 1 h"]);
  assert.equal(vi.duration(61), "1 phút 1 giây");
});
