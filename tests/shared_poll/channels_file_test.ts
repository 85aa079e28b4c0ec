/** Shared poll namespaces as an operator writes them. */
import assert from "node:assert/strict";
import { parseChannelsFile } from "../../lib/channels_file.ts";
import { sign } from "./support.ts";

const env: Readonly<Record<string, string>> = {
  POLL_SECRET: "s3cret",
  KEY: "Bearer s3cret",
  LINES: "a\nb",
};
const least = { url: "http://back-end.test/poll", every: "1s", secret: "env:POLL_SECRET" };

function parse(sharedPoll: object, more: object = {}) {
  const text = JSON.stringify({ namespaces: [{ name: "p", sharedPoll, ...more }] });
  return parseChannelsFile(text, "channels.json", (name) => env[name]).namespaces[0];
}

Deno.test("channels file: what a shared poll is unless said otherwise", async () => {
  const { signatures, ...rules } = parse(least)?.sharedPoll ?? {};
  assert.deepEqual(rules, {
    url: least.url,
    everyMs: 1_000,
    versioned: false,
    headers: [],
    timeoutMs: 10_000,
    maxBytes: 8 * 1024 * 1024,
    maxKeysPerConnection: 100,
    maxKeys: 10_000,
    batchSize: 1_000,
    publishEnabled: false,
  });
  const signature = sign(["a"], { secret: "s3cret" });
  assert.equal(await signatures?.verify(signature, "", "p:1", ["a"]), null);
  assert.doesNotMatch(Deno.inspect(signatures) + JSON.stringify(signatures), /s3cret/);
});

Deno.test("channels file: everything of a shared poll", () => {
  const { signatures: _, ...rules } = parse({
    ...least,
    versioned: true,
    headers: { authorization: "env:KEY" },
    timeout: "2s",
    maxBytes: 1_000,
    maxKeysPerConnection: 1,
    maxKeys: 2,
    batchSize: 3,
    publishEnabled: true,
  })?.sharedPoll ?? {};
  assert.deepEqual(rules, {
    url: least.url,
    everyMs: 1_000,
    versioned: true,
    headers: [["authorization", "Bearer s3cret"]],
    timeoutMs: 2_000,
    maxBytes: 1_000,
    maxKeysPerConnection: 1,
    maxKeys: 2,
    batchSize: 3,
    publishEnabled: true,
  });
});

const at = "channels.json: namespaces[0].sharedPoll";
const bad: [what: string, sharedPoll: object, message: string, more?: object][] = [
  [
    "a variable that is not set",
    { ...least, secret: "env:MISSING" },
    `${at}.secret: the environment variable MISSING is not set`,
  ],
  [
    "a header's variable that is not set",
    { ...least, headers: { "x-key": "env:MISSING" } },
    `${at}.headers.x-key: the environment variable MISSING is not set`,
  ],
  [
    "a header's value that cannot be one",
    { ...least, headers: { "x-key": "env:LINES" } },
    `${at}.headers.x-key: what LINES has cannot stand in a header`,
  ],
  [
    "a secret in the file",
    { ...least, secret: "s3cret" },
    `${at}.secret: must be "env:" and the name of a variable`,
  ],
  ["another scheme", { ...least, url: "ftp://a/" }, `${at}.url: is not an http(s) URL`],
  [
    "a password in the url",
    { ...least, url: "http://a:b@c/" },
    `${at}.url: has a user or a password: use headers`,
  ],
  [
    "no interval",
    { ...least, every: "0s" },
    `${at}.every: "0s" is not a time such as "300s" or "1h"`,
  ],
  ["a short interval", { ...least, every: "99ms" }, `${at}.every: must be from 100ms to 1d`],
  [
    "history beside it",
    least,
    "channels.json: namespaces[0].history: does not go with sharedPoll",
    { history: { size: 1, ttl: "1s" } },
  ],
  [
    "presence and filters beside it",
    least,
    "channels.json: namespaces[0].presence: does not go with sharedPoll; " +
    "namespaces[0].filter: does not go with sharedPoll",
    { presence: true, filter: true },
  ],
];
for (const [what, sharedPoll, message, more] of bad) {
  Deno.test(`channels file: a shared poll with ${what}`, () => {
    assert.throws(() => parse(sharedPoll, more), { message });
  });
}
