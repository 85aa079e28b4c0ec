import assert from "node:assert/strict";
import { candidatesIn, describe, optionsFor } from "../../tools/bridge/candidates.ts";

function best(document: unknown): string {
  const [first] = candidatesIn(document);
  return first === undefined ? "none" : `${describe(first)} | ${optionsFor(first)}`;
}

Deno.test("candidates: the list that items are most likely in, with its options", () => {
  const items = [{ id: 1, n: 0 }, { id: 2, n: 0 }];
  assert.equal(best(items), "the document itself (array of 2 objects with id) | ");
  assert.equal(
    best({ data: { items }, meta: { pages: [{ a: 1 }] } }),
    "/data/items (array of 2 objects with id) | --items /data/items",
  );
  assert.equal(
    best({ "a/b": { "x y": items } }),
    "/a~1b/x y (array of 2 objects with id) | --items '/a~1b/x y'",
  );
  assert.equal(
    best([{ code: "a", total: 1 }, { code: "b", total: 2 }]),
    "the document itself (array of 2 objects with code) | --key code",
  );
  assert.equal(
    best({ rows: [{ at: { id: 1 } }, { at: { id: 2 } }] }),
    "/rows (array of 2 objects with /at/id) | --items /rows --key /at/id",
  );
  assert.equal(
    best({ orders: { a: { status: 1 }, b: { status: 1 } } }),
    "/orders (object of 2 objects) | --items /orders",
  );
  assert.equal(
    best({ rows: [{ a: 1 }] }),
    "/rows (array of 1 object with a) | --items /rows --key a",
  );
});

Deno.test("candidates: a key is different in each item, and is text or a number", () => {
  const keysOf = (items: unknown) => candidatesIn(items)[0]?.keys.map((key) => key.join("."));
  assert.deepEqual(keysOf([{ id: 1, uuid: "a" }, { id: 1, uuid: "b" }]), ["uuid"]);
  assert.deepEqual(keysOf([{ id: null }, { id: 2 }]), []);
  assert.deepEqual(keysOf([{ id: true, x: { id: "a" } }, { id: false, x: { id: "b" } }]), ["x.id"]);
  assert.deepEqual(keysOf([{ name: "a", id: 1, orderId: 5 }]), ["id", "name", "orderId"]);
});

Deno.test("candidates: nothing is found where there is nothing, at any depth and breadth", () => {
  for (const document of [null, 1, "x", [], [1, 2], {}, { a: { b: 1 } }, [[{ id: 1 }]]]) {
    assert.equal(best(document), "none", JSON.stringify(document));
  }
  let deep: unknown = [{ id: 1 }];
  for (let i = 0; i < 5_000; i++) deep = { deep };
  assert.equal(best(deep), "none");
  const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`m${i}`, { v: {} }]));
  assert.equal(best(wide), "the document itself (object of 50000 objects) | ");
});
