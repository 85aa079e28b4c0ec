import assert from "node:assert/strict";
import { type Earlier, heldIn, itemsOf } from "../../lib/bridge/items.ts";
import { PollError } from "../../lib/bridge/poll_error.ts";
import { source, States } from "./support.ts";

type Settings = Record<string, unknown>;
const nothing: Earlier = { shape: null, held: "nothing" };

function read(document: unknown, settings: Settings = {}, earlier = nothing) {
  const { shape, byKey } = itemsOf(document, source(settings), earlier);
  return { shape, items: Object.fromEntries([...byKey].map(([key, { value }]) => [key, value])) };
}

const a = { id: "a", n: 1 };
const b = { id: 2, n: 1 };
const read1: [string, unknown, Settings, ReturnType<typeof read>][] = [
  ["an array, numbers as keys", [a, b], {}, { shape: "array", items: { a, 2: b } }],
  ["an array in a document", { data: { "a/b": [a] } }, { items: "/data/a~1b" }, {
    shape: "array",
    items: { a },
  }],
  ["keys by a pointer", [{ at: [{ x: "k" }] }], { key: "/at/0/x" }, {
    shape: "array",
    items: { k: { at: [{ x: "k" }] } },
  }],
  ["an object of objects", { x: a, y: b }, {}, { shape: "objects", items: { x: a, y: b } }],
  ["an object of objects with a key", { x: a, y: b }, { key: "id" }, {
    shape: "objects",
    items: { a, 2: b },
  }],
  ["an object of prices, said to be one", { x: 1, y: null }, { shape: "objects" }, {
    shape: "objects",
    items: { x: 1, y: null },
  }],
  ["a single object", a, {}, { shape: "single", items: { value: a } }],
  ["a single one of objects, said to be one", { x: {} }, { shape: "single" }, {
    shape: "single",
    items: { value: { x: {} } },
  }],
  ["an empty array", [], {}, { shape: null, items: {} }],
  ["an empty object", {}, {}, { shape: null, items: {} }],
];
for (const [what, document, settings, expected] of read1) {
  Deno.test(`items: ${what}`, () => assert.deepEqual(read(document, settings), expected));
}

const kept: [string, unknown, Earlier, ReturnType<typeof read>][] = [
  ["an empty object was single before", {}, { shape: null, held: "single" }, {
    shape: "single",
    items: { value: {} },
  }],
  ["an empty object had objects before", {}, { shape: null, held: "many" }, {
    shape: null,
    items: {},
  }],
  ["a single object that has objects only now", { x: {} }, { shape: "single", held: "single" }, {
    shape: "single",
    items: { value: { x: {} } },
  }],
  ["an array after a takeover", [a], { shape: null, held: "many" }, {
    shape: "array",
    items: { a },
  }],
];
for (const [what, document, earlier, expected] of kept) {
  Deno.test(`items: ${what}`, () => assert.deepEqual(read(document, {}, earlier), expected));
}

const array: Earlier = { shape: "array", held: "many" };
const long = "k".repeat(256);
const refused: [string, unknown, Settings, string, RegExp, Earlier?][] = [
  [
    "a wrong pointer",
    { data: {} },
    { items: "/data/items/0" },
    "pointer",
    /^items: "\/data\/items\/0" leads nowhere: there is no "\/data\/items"$/,
  ],
  ["a pointer into null", { data: null }, { items: "/data/x" }, "pointer", /no "\/data\/x"$/],
  ["a pointer to what all have", {}, { items: "/constructor" }, "pointer", /no "\/constructor"$/],
  ["a pointer beyond an array", [[]], { items: "/1" }, "pointer", /no "\/1"$/],
  ["a number", 1, {}, "shape", /items should be is a number; an array or an object is needed/],
  ["null", null, {}, "shape", /is null; an array or an object is needed/],
  ["no array", { a: 1 }, { shape: "array" }, "shape", /^the items are an object, not an array$/],
  ["no object", [a], { shape: "objects" }, "shape", /^the items are an array, not an object$/],
  [
    "an object where was an array",
    { error: {} },
    {},
    "shape",
    /came from an array \(the source/,
    array,
  ],
  [
    "an array where was an object",
    [],
    {},
    "shape",
    /came from a single object/,
    { shape: "single", held: "single" },
  ],
  [
    "an error in place of objects",
    { error: "x" },
    {},
    "shape",
    /is an object; the channel has what came from an object of objects/,
    { shape: "objects", held: "many" },
  ],
  [
    "an error after a takeover",
    { error: "x" },
    {},
    "shape",
    /came from an array or an object of objects/,
    { shape: null, held: "many" },
  ],
  ["no key", [a, { n: 1 }], {}, "key_missing", /^item 1 has no key "id"$/],
  ["null as a key", [{ id: null }], {}, "key_missing", /^item 0 has no key "id"$/],
  ["an item that is none", [a, 5], {}, "key_missing", /^item 1 is a number and has no key "id"$/],
  ["no key below", { x: {} }, { key: "/a/b" }, "key_missing", /^item "x" has no key "\/a\/b"$/],
  ["a key that is true", [{ id: true }], {}, "key_invalid", /key "id" is a boolean, not a/],
  ["a number too large", [{ id: 2 ** 53 }], {}, "key_invalid", /a number too large to be exact$/],
  ["an empty key", { "": {} }, {}, "key_invalid", /^item "": its key is empty$/],
  ["half a character", [{ id: "\ud800" }], {}, "key_invalid", /^item 0: its key is not Unicode$/],
  ["the same key twice", [a, b, { id: "2" }], {}, "key_duplicate", /^two items have the key "2"$/],
  ["a long key", { [long]: {} }, {}, "key_too_long", /^item "k+…": key "k+…" is longer than 255/],
  ["too many keys", [a, b], { maxKeys: 1 }, "too_many_keys", /^there are more than 1 items$/],
  [
    "a large item",
    [{ id: 1, x: "x".repeat(65_530) }],
    {},
    "item_too_large",
    /^item "1" is larger than 65536 bytes as JSON$/,
  ],
  ["a large item in UTF-8", [{ id: 1, x: "€".repeat(21_850) }], {}, "item_too_large", /larger/],
];
for (const [what, document, settings, kind, message, earlier] of refused) {
  Deno.test(`items: refuses ${what}`, () => {
    assert.throws(() => read(document, settings, earlier), (error) => {
      assert.ok(error instanceof PollError, String(error));
      assert.equal(error.kind, kind);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("items: the largest item, the longest key and as many as may be", () => {
  const largest = { id: 1, x: "x".repeat(65_536 - '{"id":1,"x":""}'.length) };
  assert.deepEqual(read([largest], { maxKeys: 1 }).items, { 1: largest });
  assert.deepEqual(read({ [long.slice(1)]: {} }).items, { [long.slice(1)]: {} });
});

Deno.test("items: what a channel holds", async () => {
  await using states = new States();
  const state = states.watch("a");
  assert.equal(heldIn(state), "nothing");
  await states.set("a", "value", 1);
  assert.equal(heldIn(state), "single");
  await states.set("a", "other", 1);
  assert.equal(heldIn(state), "many");
  await states.remove("a", "value");
  assert.equal(heldIn(state), "many");
});
