import assert from "node:assert/strict";
import { apiKeyCheck } from "../../lib/auth/api_key.ts";
import { anonymous } from "../../lib/auth/identity.ts";
import { originAllowed } from "../../lib/auth/origin.ts";
import { allows } from "../../lib/auth/permissions.ts";
import { ChannelRegistry, namespaceOf, namespaces } from "../../lib/channels.ts";

const origins: [string | null, string[], boolean][] = [
  [null, [], true],
  ["https://shop.example", ["https://shop.example"], true],
  ["https://shop.example", ["https://other.example", "https://shop.example"], true],
  ["https://shop.example", ["*"], true],
  ["https://shop.example", [], false],
  ["https://shop.example", ["http://shop.example"], false],
  ["https://shop.example:8443", ["https://shop.example"], false],
  ["https://shop.example.evil.test", ["https://shop.example"], false],
  ["https://evil.test/https://shop.example", ["https://shop.example"], false],
  ["null", ["https://shop.example"], false],
  ["", ["https://shop.example"], false],
  ["https://nhip.test:8000", [], true],
  ["http://nhip.test:8000", [], true],
  ["https://nhip.test:8001", [], false],
];
for (const [origin, allowed, expected] of origins) {
  Deno.test(`origin: ${origin} with ${allowed.join(" ") || "none"} allowed: ${expected}`, () => {
    const headers = { host: "nhip.test:8000", ...(origin !== null && { origin }) };
    const request = new Request("http://127.0.0.1:8000/", { headers });
    assert.equal(originAllowed(request, allowed), expected);
  });
}

const keys: [string | undefined, boolean][] = [
  ["the right key đ", true],
  ["the right key d", false],
  ["the right key đ ", false],
  ["the right key", false],
  ["", false],
  [undefined, false],
];
for (const [presented, expected] of keys) {
  Deno.test(`api key: ${JSON.stringify(presented)}: ${expected}`, () => {
    assert.equal(apiKeyCheck("the right key đ")(presented), expected);
  });
}

const user = { ...anonymous, user: "u", anonymous: false };
const nothing = { identity: anonymous, subscribed: false, token: false };
const standings = {
  anonymous: nothing,
  "a user": { ...nothing, identity: user },
  "a subscriber": { ...nothing, subscribed: true },
  "a token's holder": { ...nothing, token: true },
};
const granted = {
  anyone: ["anonymous", "a user", "a subscriber", "a token's holder"],
  user: ["a user"],
  subscriber: ["a subscriber"],
  token: ["a token's holder"],
  nobody: [],
} as const;
for (const [right, who] of Object.entries(granted)) {
  Deno.test(`permissions: ${right}`, () => {
    const allowed = Object.entries(standings)
      .filter(([, standing]) => allows(right as keyof typeof granted, standing))
      .map(([name]) => name);
    assert.deepEqual(allowed, who);
  });
}

const registry = new ChannelRegistry(namespaces);
const names: [string, number | null][] = [
  ["public:a", null],
  ["public:", null],
  ["public:a:b:c", null],
  ["public:đ日🛵\n,%~", null],
  [`public:${"x".repeat(248)}`, null],
  [`public:${"đ".repeat(124)}`, null],
  ["", 107],
  [`public:${"x".repeat(249)}`, 107],
  [`public:${"đ".repeat(125)}`, 107],
  ["public:\ud800", 107],
  ["public", 102],
  [":a", 102],
  ["Public:a", 102],
  ["constructor:a", 102],
  ["__proto__:a", 102],
];
for (const [channel, code] of names) {
  Deno.test(`channels: ${JSON.stringify(channel.slice(0, 20))} ${code ?? "is known"}`, () => {
    if (code === null) assert.equal(registry.rules(channel).name, namespaceOf(channel));
    else assert.throws(() => registry.rules(channel), { code });
  });
}

Deno.test("channels: a namespace defined twice is an error that names it", () => {
  assert.throws(() => new ChannelRegistry([...namespaces, ...namespaces]), /"public" .*twice/);
});
