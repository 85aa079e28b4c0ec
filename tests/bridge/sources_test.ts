import assert from "node:assert/strict";
import { bridgeNamespaces, Sources } from "../../lib/bridge/sources.ts";
import { parseSources } from "../../lib/bridge/source.ts";
import { ChannelRegistry } from "../../lib/channels.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { source } from "./support.ts";

const least = { name: "orders", url: "http://h/orders", every: "2s" };
const parse = (...sources: unknown[]) => parseSources({ sources }, () => undefined);

Deno.test("source: the least there can be, and its defaults", () => {
  const [{ url, ...rest } = source({})] = parse(least);
  assert.equal(url.text, "http://h/orders");
  assert.deepEqual(rest, {
    name: "orders",
    everyMs: 2_000,
    items: [],
    shape: "auto",
    key: null,
    params: {},
    headers: [],
    timeoutMs: 10_000,
    maxBytes: 8 * 1024 * 1024,
    maxKeys: 10_000,
    always: false,
    maxLive: 100,
    subscribe: "user",
  });
});

Deno.test("source: all that can be said", () => {
  const found = source({
    url: "https://h/stores/{id}/orders?day={day}&again={id}",
    every: "100ms",
    items: "/data/a~1b",
    shape: "objects",
    key: "/meta/id",
    params: { day: "\\d+" },
    headers: { Authorization: "env:T", "X-Key": "env:K" },
    timeout: "3s",
    maxBytes: 1,
    maxKeys: 2,
    maxLive: 3,
    allow: { subscribe: "anyone" },
  }, { T: "Bearer abc", K: "k\n" });
  assert.deepEqual(found.url.params, ["id", "day"]);
  assert.deepEqual(found.items, ["data", "a/b"]);
  assert.deepEqual(found.key, ["meta", "id"]);
  assert.deepEqual(found.headers, [["Authorization", "Bearer abc"], ["X-Key", "k"]]);
  assert.deepEqual([found.everyMs, found.timeoutMs, found.maxLive], [100, 3_000, 3]);
  assert.equal(found.subscribe, "anyone");
});

const at = "bridge.sources[0]";
const refused: [string, Record<string, unknown>, string][] = [
  ["no name", { name: undefined }, `${at}.name: `],
  ["a name with a colon", { name: "a:b" }, `${at}.name: may have letters, digits`],
  ["an empty name", { name: "" }, `${at}.name: `],
  ["a field it does not know", { evrey: "1s" }, `${at}: `],
  ["no URL", { url: "orders" }, `${at}.url: is not a URL`],
  ["a file", { url: "file:///etc/passwd" }, `${at}.url: begins with file:; only http: and https:`],
  ["a password", { url: "http://a:b@h/" }, `${at}.url: has a user or password in it`],
  ["a fragment", { url: "http://h/#a" }, `${at}.url: has a fragment`],
  ["a parameter in the host", { url: "http://{h}/" }, `${at}.url: has a parameter in its host`],
  ["a parameter as the port", { url: "http://h:{p}/" }, `${at}.url: has a parameter in its host`],
  ["stray braces", { url: "http://h/{a-b}" }, `${at}.url: has braces that are no parameter`],
  ["a pattern for no parameter", { params: { x: "a" } }, `${at}.params.x: {x} is not in the url`],
  ["a pattern that is none", { params: { x: "(" } }, `${at}.params.x: Invalid regular expression`],
  ["too often", { every: "99ms" }, `${at}.every: must be from 100ms to 1d`],
  ["a time without a unit", { every: "2" }, `${at}.every: "2" is not a time`],
  ["no pointer", { items: "data" }, `${at}.items: "data" is not a JSON Pointer: it begins with /`],
  ["a wrong escape", { items: "/a~2" }, `${at}.items: "/a~2" is not a JSON Pointer: ~ is written`],
  ["an empty key", { key: "" }, `${at}.key: is empty`],
  ["an unknown shape", { shape: "list" }, `${at}.shape: `],
  ["a key of a single item", { shape: "single", key: "id" }, `${at}.key: a "single" item has the`],
  ["a secret in the file", { headers: { A: "Bearer abc" } }, `${at}.headers.A: must be "env:"`],
  ["a header that is none", { headers: { "A B": "env:A" } }, `${at}.headers`],
  ["a header of its own", { headers: { Host: "env:A" } }, `${at}.headers`],
  ["always for a template", { url: "http://h/{a}", always: true }, `${at}.always: a url with`],
  ["a right to subscribers", { allow: { subscribe: "subscriber" } }, `${at}.allow.subscribe: `],
  ["too large", { maxBytes: 2 ** 30 }, `${at}.maxBytes: `],
  [
    "a variable that is not set",
    { headers: { Authorization: "env:ORDERS_TOKEN" } },
    `${at}.headers.Authorization: the environment variable ORDERS_TOKEN is not set`,
  ],
];
for (const [what, settings, message] of refused) {
  Deno.test(`source: refuses ${what} and names the field`, () => {
    assert.throws(() => parse({ ...least, ...settings }), (error) => {
      assert.ok(error instanceof Error);
      assert.ok(error.message.startsWith(message), error.message);
      return true;
    });
  });
}

Deno.test("source: what a variable has is never told", () => {
  const broken = { ...least, headers: { A: "env:A" } };
  assert.throws(
    () => parseSources({ sources: [broken] }, () => "s3\ncret"),
    { message: `${at}.headers.A: what A has cannot stand in a header` },
  );
  const denied = () => {
    throw new Deno.errors.NotCapable("Requires env access");
  };
  assert.throws(
    () => parseSources({ sources: [broken] }, denied),
    { message: `${at}.headers.A: A cannot be read` },
  );
});

Deno.test("source: two of one name", () => {
  assert.throws(() => parse(least, least), {
    message: 'bridge.sources[1].name: "orders" is the name of an earlier source',
  });
});

const sources = new Sources([
  source({ name: "orders", url: "http://h/orders", always: true, maxKeys: 7 }),
  source({ name: "stores", url: "http://h/stores/{id}/orders?d={day}", params: { day: "\\d*" } }),
  source({
    name: "free",
    url: "http://h/free/{a}/x",
    params: { a: ".*" },
    allow: { subscribe: "anyone" },
  }),
]);
const registry = new ChannelRegistry(bridgeNamespaces(sources));

Deno.test("sources: channels and their URLs", () => {
  assert.equal(sources.resolve("bridge:orders").url, "http://h/orders");
  const { url, channel, statusChannel, kind } = sources.resolve("sources:stores:a_1:20");
  assert.equal(url, "http://h/stores/a_1/orders?d=20");
  assert.deepEqual([channel, statusChannel, kind], [
    "bridge:stores:a_1:20",
    "sources:stores:a_1:20",
    "status",
  ]);
  assert.equal(sources.resolve("bridge:free:a/b?c&é").url, "http://h/free/a%2Fb%3Fc%26%C3%A9/x");
  assert.deepEqual(sources.always, ["bridge:orders"]);
});

Deno.test("sources: the rules of their channels", () => {
  const rules = registry.rules("bridge:orders");
  assert.deepEqual([rules.keyed?.maxKeys, rules.recover, rules.allow.subscribe], [7, true, "user"]);
  assert.equal(registry.rules("sources:orders").keyed?.maxKeys, 1);
  for (const namespace of ["bridge", "sources"]) {
    const { allow } = registry.rules(`${namespace}:free:a`);
    assert.deepEqual(Object.values(allow), ["anyone", "nobody", "nobody", "nobody"]);
  }
});

const strange: [string, number, RegExp][] = [
  ["bridge:", 102, /^unknown channel$/],
  ["bridge:other", 102, /^unknown channel$/],
  ["bridge:__proto__", 102, /^unknown channel$/],
  ["bridge:orders:1", 107, /the channel is bridge:orders; this has 1 parameters$/],
  ["bridge:stores:1", 107, /the channel is bridge:stores:\{id\}:\{day\}; this has 1 parameters$/],
  ["bridge:stores::1", 107, /parameter id does not match/],
  ["bridge:stores:a b:1", 107, /parameter id does not match \^\[A-Za-z0-9_-\]\{1,64\}\$$/],
  ["bridge:stores:..:1", 107, /parameter id does not match/],
  [`bridge:stores:${"a".repeat(65)}:1`, 107, /parameter id does not match/],
  ["bridge:stores:a:1x", 107, /parameter day does not match \^\(\?:\\d\*\)\$$/],
  ["bridge:free:..", 107, /the parameters lead to another path$/],
  ["bridge:free:.", 107, /the parameters lead to another path$/],
  [`bridge:free:${"a".repeat(243)}`, 107, /the parameters are too long$/],
];
for (const [channel, code, message] of strange) {
  Deno.test(`sources: refuses ${channel.slice(0, 30)}`, () => {
    for (const name of [channel, channel.replace("bridge", "sources")]) {
      if (name.length > 255) continue;
      assert.throws(() => registry.rules(name), (error) => {
        assert.ok(error instanceof ProtocolError, String(error));
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      });
    }
  });
}

Deno.test("sources: a channel tells for long enough how its polling goes, not for ever", () => {
  const hour = 3_600_000;
  const sources = new Sources([source({ name: "a" }), source({ name: "b", every: "2h" })]);
  const ttlOf = (channel: string) => sources.rules(channel).keyed?.ttlMs;
  assert.deepEqual(["sources:a", "sources:b", "bridge:a"].map(ttlOf), [hour, 8 * hour, null]);
});
