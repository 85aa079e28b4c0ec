import assert from "node:assert/strict";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { decodeFilter, parseFilter } from "../../lib/protocol/filter.ts";
import type { Tags } from "../../lib/protocol/publication.ts";

const tags = { status: "open", region: "north-east", qty: "5", price: "150.25", empty: "" };

const comparisons: [cmp: object, matches: boolean][] = [
  [{ key: "status", cmp: "eq", val: "open" }, true],
  [{ key: "status", cmp: "eq", val: "Open" }, false],
  [{ key: "none", cmp: "eq", val: "" }, false],
  [{ key: "empty", cmp: "eq", val: "" }, true],
  [{ key: "status", cmp: "neq", val: "open" }, false],
  [{ key: "status", cmp: "neq", val: "done" }, true],
  [{ key: "none", cmp: "neq", val: "x" }, true],
  [{ key: "status", cmp: "in", vals: ["new", "open"] }, true],
  [{ key: "status", cmp: "in", vals: ["new", "done"] }, false],
  [{ key: "none", cmp: "in", vals: [""] }, false],
  [{ key: "status", cmp: "nin", vals: ["new", "open"] }, false],
  [{ key: "status", cmp: "nin", vals: ["new"] }, true],
  [{ key: "none", cmp: "nin", vals: ["new"] }, true],
  [{ key: "empty", cmp: "ex" }, true],
  [{ key: "none", cmp: "ex" }, false],
  [{ key: "none", cmp: "nex" }, true],
  [{ key: "status", cmp: "nex" }, false],
  [{ key: "region", cmp: "sw", val: "north" }, true],
  [{ key: "region", cmp: "sw", val: "east" }, false],
  [{ key: "none", cmp: "sw", val: "" }, false],
  [{ key: "region", cmp: "ew", val: "east" }, true],
  [{ key: "region", cmp: "ew", val: "north" }, false],
  [{ key: "region", cmp: "ct", val: "h-e" }, true],
  [{ key: "region", cmp: "ct", val: "x" }, false],
  [{ key: "qty", cmp: "gt", val: "4.9" }, true],
  [{ key: "qty", cmp: "gt", val: "5" }, false],
  [{ key: "qty", cmp: "gte", val: "5.0" }, true],
  [{ key: "qty", cmp: "lt", val: "10" }, true],
  [{ key: "qty", cmp: "lt", val: "-10" }, false],
  [{ key: "price", cmp: "lte", val: "150.25" }, true],
  [{ key: "price", cmp: "lte", val: "150.24" }, false],
  [{ key: "status", cmp: "gt", val: "0" }, false],
  [{ key: "empty", cmp: "lte", val: "0" }, false],
  [{ key: "none", cmp: "lte", val: "0" }, false],
];
for (const [leaf, matches] of comparisons) {
  Deno.test(`filter: ${JSON.stringify(leaf)} is ${matches} for an open order`, () => {
    assert.equal(decodeFilter(leaf).matches(tags), matches);
    assert.equal(decodeFilter({ op: "not", nodes: [leaf] }).matches(tags), !matches);
  });
}

const open = { key: "status", cmp: "eq", val: "open" };
const many = { key: "qty", cmp: "gte", val: "100" };
const trees: [tree: object, matches: boolean][] = [
  [{ op: "and", nodes: [open] }, true],
  [{ op: "and", nodes: [open, many] }, false],
  [{ op: "or", nodes: [many, open] }, true],
  [{ op: "or", nodes: [many, many] }, false],
  [{ op: "not", nodes: [{ op: "and", nodes: [open, many] }] }, true],
  [{ op: "and", nodes: [open, { op: "or", nodes: [many, { key: "price", cmp: "ex" }] }] }, true],
];
for (const [tree, matches] of trees) {
  Deno.test(`filter: ${JSON.stringify(tree)} is ${matches}`, () => {
    assert.equal(decodeFilter(tree).matches(tags), matches);
  });
}

Deno.test("filter: no tags are none of any", () => {
  assert.equal(decodeFilter(open).matches(undefined), false);
  assert.equal(decodeFilter({ key: "a", cmp: "nex" }).matches(undefined), true);
});

Deno.test("filter: what every object has is no tag", () => {
  for (const key of ["constructor", "toString", "__proto__"]) {
    assert.equal(decodeFilter({ key, cmp: "ex" }).matches({}), false);
    assert.equal(decodeFilter({ key, cmp: "ew", val: "" }).matches({}), false);
  }
  const own: Tags = JSON.parse('{"__proto__":"x"}');
  assert.equal(decodeFilter({ key: "__proto__", cmp: "eq", val: "x" }).matches(own), true);
});

const numbers: [tag: string, cmp: string, val: string, matches: boolean][] = [
  ["1234567890123456789", "gt", "1234567890123456788", true],
  ["1234567890123456789", "lte", "1234567890123456788", false],
  ["-0.10000000000000000001", "lt", "-0.1", true],
  ["0.1", "gte", "0.10", true],
  ["+7", "gte", "7", true],
  ["007", "lte", "7.", true],
  [".5", "lt", "0.6", true],
  ["-0", "gte", "0", true],
  ["9".repeat(256), "gt", "9".repeat(255), true],
  ["1e3", "gt", "1", false],
  ["0x10", "gt", "1", false],
  ["Infinity", "gt", "1", false],
  ["NaN", "lt", "1", false],
  [" 5", "gt", "1", false],
  ["5px", "gt", "1", false],
  ["", "gte", "0", false],
  [".", "gte", "0", false],
  ["1,5", "gt", "1", false],
];
for (const [tag, cmp, val, matches] of numbers) {
  Deno.test(`filter: "${tag.slice(0, 30)}" ${cmp} ${val.slice(0, 30)} is ${matches}`, () => {
    assert.equal(decodeFilter({ key: "n", cmp, val }).matches({ n: tag }), matches);
  });
}

Deno.test("filter: the same filter has the same text", () => {
  const leaf = '{"key":"a","cmp":"in","vals":["1","2"]}';
  const same = [
    { vals: ["2", "1", "2"], cmp: "in", key: "a" },
    { op: "", key: "a", cmp: "in", vals: ["1", "2"], val: "", nodes: [] },
    { op: null, key: "a", cmp: "in", vals: ["1", "2"], val: null, nodes: null },
    JSON.parse(leaf),
  ];
  for (const one of same) assert.equal(decodeFilter(one).text, leaf);
  const tree = { nodes: [{ val: "x", key: "a", cmp: "eq" }, { cmp: "nex", key: "b" }], op: "or" };
  const { text } = decodeFilter(tree);
  assert.equal(
    text,
    '{"op":"or","nodes":[{"key":"a","cmp":"eq","val":"x"},{"key":"b","cmp":"nex"}]}',
  );
  assert.equal(parseFilter(text).text, text);
});

const nested = (levels: number): object =>
  levels === 1 ? open : { op: "not", nodes: [nested(levels - 1)] };
const wide = (n: number) => ({ op: "or", nodes: Array(n).fill(open) });

Deno.test("filter: 8 levels, 64 nodes, 64 values, names of 64 and values of 256 are taken", () => {
  decodeFilter(nested(8));
  decodeFilter(wide(63));
  decodeFilter({ key: "k".repeat(64), cmp: "in", vals: Array(64).fill("v".repeat(256)) });
});

const refused: [what: string, tree: unknown, message: string][] = [
  ["null", null, "filter is not an object"],
  ["text", "a", "filter is not an object"],
  ["a list", [open], "filter is not an object"],
  ["nothing", {}, "filter.key is missing"],
  ["no comparison", { key: "a" }, 'filter.cmp "" is none of eq, neq, in'],
  ["an unknown comparison", { key: "a", cmp: "like", val: "x" }, 'filter.cmp "like" is none of'],
  ["a comparison of Object", { key: "a", cmp: "valueOf" }, 'filter.cmp "valueOf" is none of'],
  ["an unknown operation", { op: "xor", nodes: [open] }, 'filter.op "xor" is none of and, or, not'],
  ["a key that is a number", { key: 1, cmp: "ex" }, "filter.key is not a string"],
  ["a key too long", { key: "k".repeat(65), cmp: "ex" }, "filter.key is longer than 64 characters"],
  ["no value", { key: "a", cmp: "eq" }, "filter.val is missing"],
  ["a value that is a number", { key: "a", cmp: "eq", val: 1 }, "filter.val is not a string"],
  ["a value too long", { key: "a", cmp: "eq", val: "v".repeat(257) }, "filter.val is longer than"],
  ["values of eq", { key: "a", cmp: "eq", val: "1", vals: ["1"] }, "filter.vals is for in and nin"],
  ["a value of in", { key: "a", cmp: "in", val: "1" }, "filter.val is for other comparisons"],
  ["a value of ex", { key: "a", cmp: "ex", val: "1" }, "filter.val is for other comparisons"],
  ["no values", { key: "a", cmp: "in", vals: [] }, "filter.vals is empty"],
  ["values that are text", { key: "a", cmp: "in", vals: "1" }, "filter.vals is not a list"],
  [
    "a value among others that is none",
    { key: "a", cmp: "nin", vals: ["1", null] },
    "filter.vals[1]",
  ],
  [
    "65 values",
    { key: "a", cmp: "in", vals: Array.from({ length: 65 }, (_, n) => `${n}`) },
    "filter.vals has more than 64 entries",
  ],
  ["a number that is none", { key: "a", cmp: "gt", val: "x" }, 'filter.val "x" is not a number'],
  ["an exponent", { key: "a", cmp: "lt", val: "1e3" }, 'filter.val "1e3" is not a number'],
  ["nodes of a comparison", { ...open, nodes: [open] }, "filter.nodes is for and, or, not"],
  ["a key of and", { op: "and", key: "a", nodes: [open] }, "filter.key is for a comparison"],
  ["and of nothing", { op: "and" }, "filter.nodes is empty"],
  ["not of two", { op: "not", nodes: [open, open] }, "filter.nodes of not has more than one"],
  ["nodes that are an object", { op: "or", nodes: open }, "filter.nodes is not a list"],
  ["a node that is text", { op: "or", nodes: [open, "a"] }, "filter.nodes[1] is not an object"],
  [
    "a fault further down",
    { op: "or", nodes: [open, { op: "not", nodes: [{ key: "a", cmp: "=" }] }] },
    'filter.nodes[1].nodes[0].cmp "=" is none of',
  ],
  ["9 levels", nested(9), `filter${".nodes[0]".repeat(8)} is deeper than 8 levels`],
  ["65 nodes", wide(64), "filter.nodes[63] is more than the 64 nodes"],
  ["65 nodes in one list", wide(65), "filter.nodes has more than 64 entries"],
];
for (const [what, tree, message] of refused) {
  Deno.test(`filter: refuses ${what}`, () => {
    assert.throws(() => decodeFilter(tree), isBadRequest(message));
  });
}

const texts: [text: string, tree: object][] = [
  ["status=open", { key: "status", cmp: "eq", val: "open" }],
  ["status=", { key: "status", cmp: "eq", val: "" }],
  ["status!=open", { key: "status", cmp: "neq", val: "open" }],
  ["status=new|open", { key: "status", cmp: "in", vals: ["new", "open"] }],
  ["status=new|", { key: "status", cmp: "in", vals: ["new", ""] }],
  ["status!=new|open", { key: "status", cmp: "nin", vals: ["new", "open"] }],
  ["urgent", { key: "urgent", cmp: "ex" }],
  ["!urgent", { key: "urgent", cmp: "nex" }],
  ["name^=An", { key: "name", cmp: "sw", val: "An" }],
  ["name$=An", { key: "name", cmp: "ew", val: "An" }],
  ["name*=An", { key: "name", cmp: "ct", val: "An" }],
  ["qty<5", { key: "qty", cmp: "lt", val: "5" }],
  ["qty<=5", { key: "qty", cmp: "lte", val: "5" }],
  ["qty>-0.5", { key: "qty", cmp: "gt", val: "-0.5" }],
  ["qty>=5", { key: "qty", cmp: "gte", val: "5" }],
  ["tên=Đỗ An", { key: "tên", cmp: "eq", val: "Đỗ An" }],
  ["a.b-c_d:e=x", { key: "a.b-c_d:e", cmp: "eq", val: "x" }],
  ["url=a=b!c<d", { key: "url", cmp: "eq", val: "a=b!c<d" }],
  ["a%2Cb%3Dc=1%2C2%7C3%25", { key: "a,b=c", cmp: "eq", val: "1,2|3%" }],
  ["%21a", { key: "!a", cmp: "ex" }],
  ["a=x\ny", { key: "a", cmp: "eq", val: "x\ny" }],
  ["status=open,region!=north,qty>=5", {
    op: "and",
    nodes: [
      { key: "status", cmp: "eq", val: "open" },
      { key: "region", cmp: "neq", val: "north" },
      { key: "qty", cmp: "gte", val: "5" },
    ],
  }],
  ['{"key":"a","cmp":"ex"}', { key: "a", cmp: "ex" }],
];
for (const [text, tree] of texts) {
  Deno.test(`filter: as text, ${JSON.stringify(text)}`, () => {
    assert.equal(parseFilter(text).text, decodeFilter(tree).text);
  });
}

const refusedTexts: [text: string, message: string][] = [
  ["", 'filter: "" is empty'],
  ["a=1,,b=2", 'filter: "" is empty'],
  ["a=1,", 'filter: "" is empty'],
  ["=open", 'filter: "=open" has no tag'],
  ["!", 'filter: "!" has no tag'],
  ["a=1, b=2", 'filter: " b=2" has no tag\'s name, or spaces around it'],
  ["!a=1", 'filter: "!a=1" has ! before the name and a comparison'],
  ["a!b", 'filter: "a!b" is no condition such as status=open'],
  ["a^b", 'filter: "a^b" is no condition'],
  ["a^=b|c", 'filter: "a^=b|c" has several values; only = and != take them'],
  ["a<1|2", 'filter: "a<1|2" has several values'],
  ["a=%", 'filter: "a=%" has a % that begins no percent-encoding'],
  ["a=%ff", 'filter: "a=%ff" has a %'],
  ["a<b", 'filter.val "b" is not a number'],
  ["{", "filter begins as JSON and is none"],
  ["{}", "filter.key is missing"],
  [`${"k".repeat(65)}=1`, "filter.key is longer than 64 characters"],
  [Array(65).fill("a").join(","), "filter.nodes has more than 64 entries"],
  ["a=".padEnd(20_000, "x"), "filter is longer than 16384 characters"],
];
for (const [text, message] of refusedTexts) {
  Deno.test(`filter: refuses the text ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.throws(() => parseFilter(text), isBadRequest(message));
  });
}

function isBadRequest(message: string) {
  return (error: unknown): true => {
    assert.ok(error instanceof ProtocolError, `${error}`);
    assert.equal(error.code, 107);
    assert.ok(error.message.startsWith(`bad request: ${message}`), error.message);
    return true;
  };
}
