import assert from "node:assert/strict";
import { difference, isSame, momentOf } from "../../lib/bridge/diff.ts";
import { itemsOf } from "../../lib/bridge/items.ts";
import { seeded, testSeed } from "../support/random.ts";
import { source, States } from "./support.ts";

const items = (document: unknown) =>
  itemsOf(document, source({ shape: "objects" }), { shape: null, held: "nothing" }).byKey;

const same: [unknown, unknown][] = [
  [{ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }],
  [[], []],
  ["a", "a"],
];
const others: [unknown, unknown][] = [
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: 1, b: 2 }, { a: 1, c: 2 }],
  [[1, 2], [2, 1]],
  [[], {}],
  [null, {}],
  [0, "0"],
  [{ toString: 1 }, { x: 1 }],
];
Deno.test("diff: deep comparison, independent of the order of members", () => {
  for (const [a, b] of same) assert.ok(isSame(a, b) && isSame(b, a), JSON.stringify([a, b]));
  for (const [a, b] of others) assert.ok(!isSame(a, b) && !isSame(b, a), JSON.stringify([a, b]));
});

Deno.test("diff: as deep as the largest item can be", () => {
  const deep = (inner: string) => JSON.parse("[".repeat(32_000) + inner + "]".repeat(32_000));
  assert.ok(isSame(deep("1"), deep("1")));
  assert.ok(!isSame(deep("1"), deep("2")));
});

Deno.test("diff: what is new, what changed, what is gone; removals first", async () => {
  await using states = new States();
  await states.set("c", "a", { x: 1, y: 2 });
  await states.set("c", "b", 1);
  await states.set("c", "gone", 1);
  const state = states.watch("c");
  const found = difference(items({ a: { y: 2, x: 1 }, b: 12, new: 1 }), state, momentOf(state));
  assert.deepEqual(found.changes.map(({ key, item, before }) => [key, item?.value, before]), [
    ["gone", undefined, state.get("gone")],
    ["b", 12, state.get("b")],
    ["new", 1, null],
  ]);
  assert.equal(found.leftAlone, 0);
});

Deno.test("diff: what others published since the start is left alone, removals too", async () => {
  await using states = new States();
  for (const key of ["changed", "removed", "same"]) await states.set("c", key, 1);
  const state = states.watch("c");
  const start = momentOf(state);
  await states.set("c", "changed", 2);
  await states.set("c", "added", 2);
  await states.set("c", "same", 3);
  await states.remove("c", "removed");
  assert.deepEqual(difference(items({ changed: 1, removed: 1, same: 3 }), state, start), {
    changes: [],
    leftAlone: 3,
  });
  const found = difference(items({ changed: 1, removed: 1, same: 3 }), state, momentOf(state));
  assert.deepEqual(found.changes.map(({ key }) => key).sort(), ["added", "changed", "removed"]);
});

Deno.test("diff: applied to any state it makes the document; applied again, nothing", async () => {
  const seed = testSeed();
  const random = seeded(seed);
  const values = [1, 12, "1", '"', null, {}, { a: 1, b: [1] }, { b: [1], a: 1 }, [], [[]], "é€😀"];
  await using states = new States();
  const state = states.watch("c");
  for (let round = 0; round < 200; round++) {
    const document: Record<string, unknown> = {};
    for (const key of ["a", "b", '"', "😀", "__proto__x"]) {
      if (random() < 0.6) document[key] = values[Math.floor(random() * values.length)];
    }
    const { changes } = difference(items(document), state, momentOf(state));
    for (const { key, item } of changes) {
      if (item === null) await states.remove("c", key);
      else await states.set("c", key, item.value);
    }
    assert.deepEqual(states.data("c"), document, `seed ${seed}, round ${round}`);
    const again = difference(items(document), state, momentOf(state));
    assert.deepEqual(again, { changes: [], leftAlone: 0 }, `seed ${seed}, round ${round}`);
  }
});
