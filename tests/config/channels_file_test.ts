import assert from "node:assert/strict";
import { ChannelRegistry, keyedDefaults } from "../../lib/channels.ts";
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
    keyed: null,
    presenceIn: null,
    filter: true,
    allow: ops.allow,
  }]);
  assert.deepEqual(warnings, ['channels.json: namespace "ops": delta is not sent yet']);
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
    keyed: null,
    presenceIn: null,
    filter: false,
    allow: namespaces[0]?.allow,
  });
});

const history = { size: 100, ttl: "60s" };
const keyedOf = (keyed: unknown) => parse({ name: "a", history, keyed }).namespaces[0]?.keyed;

Deno.test("channels file: a state channel has defaults", () => {
  assert.deepEqual(keyedOf({}), keyedDefaults);
});

Deno.test("channels file: a state channel with everything said", () => {
  const keyed = {
    kind: "map",
    ttl: "60s",
    maxKeys: 500,
    order: "score",
    debounce: "100ms",
    maxRate: false,
    clientKey: "client",
    removeOnUnsubscribe: true,
  };
  const { ttl: _ttl, debounce: _debounce, ...rest } = keyed;
  assert.deepEqual(keyedOf(keyed), { ...rest, ttlMs: 60_000, debounceMs: 100 });
});

Deno.test("channels file: clients have no keys of their own among those present", () => {
  assert.throws(
    () => keyedOf({ kind: "clients", clientKey: "user" }),
    /clientKey: needs kind "map"/,
  );
});

Deno.test("channels file: who is present stays for a minute unless said otherwise", () => {
  for (const kind of ["clients", "users"]) {
    assert.deepEqual(keyedOf({ kind }), { ...keyedDefaults, kind, ttlMs: 60_000 });
    assert.equal(keyedOf({ kind, ttl: "5m" })?.ttlMs, 300_000);
  }
});

Deno.test("channels file: presence goes into namespaces that are keyed by it", () => {
  const { namespaces } = parse(
    { name: "game", presenceIn: { clients: "who:", users: "users:of:" } },
    { name: "who", history, keyed: { kind: "clients" } },
    { name: "users", history, keyed: { kind: "users" } },
  );
  assert.deepEqual(namespaces[0]?.presenceIn, { clients: "who:", users: "users:of:" });
  new ChannelRegistry(namespaces);
});

Deno.test("channels file: presence goes into maps that only the server writes", () => {
  const into = (publish: string) =>
    parse(
      { name: "game", presenceIn: { clients: "who:" } },
      { name: "who", history, keyed: {}, allow: { publish } },
    ).namespaces;
  new ChannelRegistry(into("nobody"));
  assert.throws(
    () => new ChannelRegistry(into("subscriber")),
    /a map that clients do not publish in/,
  );
});

Deno.test("channels file: the bridge's sources, with namespaces or without", () => {
  const bridge = { sources: [{ name: "orders", url: "http://shop.test/orders", every: "2s" }] };
  const alone = parseChannelsFile(JSON.stringify({ bridge }), "channels.json");
  assert.deepEqual(alone.namespaces, []);
  assert.deepEqual(alone.bridge?.sources.map(({ name, every }) => [name, every]), [
    ["orders", 2_000],
  ]);
  assert.equal(parse(ops).bridge, null);
  const wrong = { namespaces: [], bridge: { sources: [{ ...bridge.sources[0], every: "2" }] } };
  assert.throws(() => parseChannelsFile(JSON.stringify(wrong), "channels.json"), {
    message: /^channels\.json: bridge\.sources\[0\]\.every: "2" is not a time/,
  });
});

const leadsNowhere: [string, object, string][] = [
  ["a namespace that is not there", { clients: "none:" }, 'presenceIn.clients: "none:" does not'],
  ["a prefix without a colon", { users: "users" }, 'presenceIn.users: "users" does not begin'],
  ["an empty prefix", { users: "" }, 'presenceIn.users: "" does not begin'],
  ["a plain namespace", { clients: "game:" }, 'presenceIn.clients: "game:" leads to namespace'],
  ["the other kind", { clients: "users:" }, 'presenceIn.clients: "users:" leads to namespace'],
];
for (const [what, presenceIn, message] of leadsNowhere) {
  Deno.test(`channels file: the registry refuses presence in ${what}`, () => {
    const { namespaces } = parse(
      { name: "", allow: {} },
      { name: "game", presenceIn },
      { name: "users", history, keyed: { kind: "users" } },
    );
    assert.throws(() => new ChannelRegistry(namespaces), (error) => {
      assert.ok(error instanceof Error);
      assert.ok(error.message.startsWith(`namespace "game": ${message}`), error.message);
      return true;
    });
  });
}

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
  ["keys without history", { name: "a", keyed: {} }, `${at}.keyed: needs history`],
  ["keys that are text", { name: "a", history, keyed: "map" }, `${at}.keyed: `],
  ["an unknown kind", { name: "a", history, keyed: { kind: "m" } }, `${at}.keyed.kind: `],
  ["no keys", { name: "a", history, keyed: { maxKeys: 0 } }, `${at}.keyed.maxKeys: `],
  ["an order by nothing", { name: "a", history, keyed: { order: "time" } }, `${at}.keyed.order: `],
  ["a life of nothing", { name: "a", history, keyed: { ttl: "0s" } }, `${at}.keyed.ttl: "0s"`],
  ["an option it does not know", { name: "a", history, keyed: { tll: "1s" } }, `${at}.keyed: `],
  [
    "keys that go with clients without being theirs",
    { name: "a", history, keyed: { removeOnUnsubscribe: true } },
    `${at}.keyed.removeOnUnsubscribe: needs clientKey "client"`,
  ],
  [
    "presence that clients write",
    { name: "a", history, keyed: { kind: "users" }, allow: { publish: "user" } },
    `${at}.allow.publish: must be "nobody"`,
  ],
  ["presence in a list", { name: "a", presenceIn: ["x:"] }, `${at}.presenceIn: `],
  ["presence in an unknown kind", { name: "a", presenceIn: { map: "x:" } }, `${at}.presenceIn: `],
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
  ["no namespaces", "{}", /^channels\.json: namespaces: are missing/],
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
