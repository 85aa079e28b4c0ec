import assert from "node:assert/strict";
import { parseChannelsFile } from "../../lib/channels_file.ts";

/** The documented example. */
const ops = {
  name: "ops",
  history: { size: 100, ttl: "300s" },
  recover: true,
  presence: true,
  joinLeave: false,
  delta: true,
  filter: true,
  allow: {
    subscribe: "anyone",
    publish: "subscriber",
    presence: "subscriber",
    history: "subscriber",
  },
};
const parse = (...namespaces: unknown[]) =>
  parseChannelsFile(JSON.stringify({ namespaces }), "channels.json");

Deno.test("channels file: the documented example, and what it asks for too early", () => {
  const { namespaces, warnings } = parse(ops);
  assert.deepEqual(namespaces, [{
    name: "ops",
    history: { size: 100, ttlMs: 300_000 },
    recover: true,
    presence: true,
    joinLeave: false,
    allow: ops.allow,
  }]);
  assert.equal(warnings.length, 2);
  for (const warning of warnings) assert.match(warning, /^channels\.json: namespace "ops": /);
});

Deno.test("channels file: absent rights are nobody, subscribe is user", () => {
  const { namespaces } = parse({ name: "" }, { name: "a", allow: { publish: "token" } });
  assert.deepEqual(namespaces.map(({ allow }) => Object.values(allow)), [
    ["user", "nobody", "nobody", "nobody"],
    ["user", "token", "nobody", "nobody"],
  ]);
  assert.deepEqual(namespaces[0], {
    name: "",
    history: null,
    recover: false,
    presence: false,
    joinLeave: false,
    allow: namespaces[0]?.allow,
  });
});

const times: [string, number][] = [["500ms", 500], ["300s", 300_000], ["5m", 300_000], [
  "1h",
  3_600_000,
], ["2d", 172_800_000]];
for (const [ttl, ttlMs] of times) {
  Deno.test(`channels file: ${ttl} is ${ttlMs} ms, and recovery comes with history`, () => {
    const [namespace] = parse({ name: "a", history: { size: 1, ttl } }).namespaces;
    assert.deepEqual(namespace?.history, { size: 1, ttlMs });
    assert.equal(namespace?.recover, true);
  });
}

const at = "channels.json: namespaces[0]";
const refused: [string, unknown, string][] = [
  ["no name", {}, `${at}.name: `],
  ["a name with a colon", { name: "a:b" }, `${at}.name: may have letters`],
  ["a name of 65", { name: "a".repeat(65) }, `${at}.name: `],
  ["a field it does not know", { name: "a", histroy: {} }, `${at}: `],
  ["history without a size", { name: "a", history: { ttl: "1s" } }, `${at}.history.size: `],
  ["history of 0", { name: "a", history: { size: 0, ttl: "1s" } }, `${at}.history.size: `],
  [
    "a time without a unit",
    { name: "a", history: { size: 1, ttl: "300" } },
    `${at}.history.ttl: "300"`,
  ],
  ["a time that is a number", { name: "a", history: { size: 1, ttl: 300 } }, `${at}.history.ttl: `],
  ["a time of nothing", { name: "a", history: { size: 1, ttl: "0s" } }, `${at}.history.ttl: "0s"`],
  ["an unknown right", { name: "a", allow: { publish: "all" } }, `${at}.allow.publish: `],
  ["a right to nothing known", { name: "a", allow: { read: "user" } }, `${at}.allow: `],
  [
    "subscribers who subscribe",
    { name: "a", allow: { subscribe: "subscriber" } },
    `${at}.allow.subscribe: cannot be`,
  ],
  ["recovery without history", { name: "a", recover: true }, `${at}.recover: needs history`],
  ["joins without presence", { name: "a", joinLeave: true }, `${at}.joinLeave: needs presence`],
  ["presence that is text", { name: "a", presence: "yes" }, `${at}.presence: `],
];
for (const [what, namespace, message] of refused) {
  Deno.test(`channels file: refuses ${what} and names the field`, () => {
    assert.throws(() => parse(namespace), (error) => {
      assert.ok(error instanceof Error);
      assert.ok(error.message.startsWith(message), error.message);
      return true;
    });
  });
}

const broken: [string, string, RegExp][] = [
  ["no JSON", "{", /^channels\.json is not JSON: /],
  ["nothing", "", /^channels\.json is not JSON: /],
  ["a list", "[]", /^channels\.json: \(the whole file\): /],
  ["no namespaces", "{}", /^channels\.json: namespaces: /],
  [
    "several faults",
    '{"namespaces":[{"name":"a:"},{"name":"b","presence":1}]}',
    /namespaces\[0\]\.name: .*; namespaces\[1\]\.presence: /,
  ],
];
for (const [what, text, message] of broken) {
  Deno.test(`channels file: refuses ${what}`, () => {
    assert.throws(() => parseChannelsFile(text, "channels.json"), { message });
  });
}
