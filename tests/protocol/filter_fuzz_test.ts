/** Whatever is given for a filter, it is one or is refused with 107; nothing else is thrown. */
import assert from "node:assert/strict";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { decodeFilter, type Filter, parseFilter } from "../../lib/protocol/filter.ts";
import { seededRandom } from "../../tools/replay/random.ts";

const tags = { a: "1", status: "open", "": "x" };
const outcome = (make: () => Filter): "read" | "refused" => {
  try {
    const filter = make();
    assert.equal(typeof filter.matches(tags), "boolean");
    assert.equal(typeof filter.matches(undefined), "boolean");
    const again = parseFilter(filter.text);
    assert.equal(again.text, filter.text);
    assert.equal(again.matches(tags), filter.matches(tags));
    return "read";
  } catch (error) {
    assert.ok(error instanceof ProtocolError && error.code === 107, `${error}`);
    return "refused";
  }
};

Deno.test("filter: any text", () => {
  const random = seededRandom(1);
  const pieces = ["a", "status", "=", "!=", "<", ">=", "^=", "|", ",", "!", "%", "%2C", "%ff", "5"]
    .concat(["open", "{", "}", '"', "\0", "\ud800", "đ", " ", "-1.5", "1e999", "__proto__", "\n"]);
  const outcomes = { read: 0, refused: 0 };
  for (let n = 0; n < 20_000; n++) {
    let text = "";
    for (let k = Math.floor(random() * 8); k >= 0; k--) {
      text += pieces[Math.floor(random() * pieces.length)];
    }
    outcomes[outcome(() => parseFilter(text))]++;
  }
  assert.ok(outcomes.read > 500 && outcomes.refused > 5_000, JSON.stringify(outcomes));
});

Deno.test("filter: any tree", () => {
  const random = seededRandom(2);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
  const odd = [null, undefined, 1, true, [], {}, "", "x", "5", ["1"], [null], "\ud800", NaN];
  const tree = (depth: number): unknown => {
    const node: Record<string, unknown> = depth > 0 && random() < 0.5
      ? {
        op: pick(["and", "or", "not"]),
        nodes: Array.from({ length: 1 + Math.floor(random() * 2) }, () => tree(depth - 1)),
      }
      : { key: pick(["a", "status"]), cmp: pick(["eq", "nin", "ex", "gt", "sw"]), val: "5" };
    if (node["cmp"] === "nin") Object.assign(node, { vals: ["1", "2"], val: "" });
    if (node["cmp"] === "ex") node["val"] = null;
    if (random() < 0.1) {
      node[pick(["op", "nodes", "key", "cmp", "val", "vals"]) ?? "op"] = pick(odd);
    }
    return node;
  };
  const outcomes = { read: 0, refused: 0 };
  for (let n = 0; n < 20_000; n++) outcomes[outcome(() => decodeFilter(tree(5)))]++;
  assert.ok(outcomes.read > 5_000 && outcomes.refused > 2_000, JSON.stringify(outcomes));
});

Deno.test("filter: deep and broad ones are refused soon", () => {
  const deep = `${'{"op":"not","nodes":['.repeat(700)}{}${"]}".repeat(700)}`;
  assert.equal(outcome(() => parseFilter(deep)), "refused");
  assert.equal(outcome(() => parseFilter("a,".repeat(8_000))), "refused");
  let tree: unknown = { key: "a", cmp: "ex" };
  for (let n = 0; n < 10_000; n++) tree = { op: "not", nodes: [tree] };
  assert.equal(outcome(() => decodeFilter(tree)), "refused");
});
