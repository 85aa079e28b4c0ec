import assert from "node:assert/strict";
import { ConfigError, readConfig } from "../../lib/config.ts";

const long = "0123456789abcdef0123456789abcdef";
const start = { API_KEY: long, TOKEN_SECRET: long, ALLOWED_ORIGINS: "https://shop.example" };

Deno.test("config: start with what it needs has the documented defaults", () => {
  assert.deepEqual(readConfig("start", start), {
    mode: "start",
    host: "127.0.0.1",
    port: 8_000,
    broker: { kind: "edge" },
    kvPath: ".nhip/start.sqlite",
    channelsFile: undefined,
    apiKey: long,
    tokens: { secret: long },
    allowedOrigins: ["https://shop.example"],
    shop: false,
    mapTiles: null,
    push: null,
    maxConnections: 15_000,
    pingSeconds: 25,
    logLevel: "info",
    ring: false,
    warnings: [],
  });
});

const accepted: [string, Record<string, string>, object][] = [
  ["a port and a host", { PORT: "0", HOST: "0.0.0.0" }, { port: 0, host: "0.0.0.0" }],
  ["an empty variable as absent", { PORT: "", KV_PATH: "" }, { port: 8_000 }],
  ["memory:", { BROKER_URL: "memory:" }, { broker: { kind: "memory" } }],
  ["a database", { KV_PATH: "/tmp/x.sqlite" }, { kvPath: "/tmp/x.sqlite" }],
  ["the platform's database", { DENO_DEPLOYMENT_ID: "d" }, { kvPath: undefined, ring: true }],
  ["a list of origins", { ALLOWED_ORIGINS: " https://a.test, http://b.test:81 ,," }, {
    allowedOrigins: ["https://a.test", "http://b.test:81"],
  }],
  ["any origin", { ALLOWED_ORIGINS: "*" }, { allowedOrigins: ["*"] }],
  ["the shop", { SHOP: "on" }, { shop: true }],
  ["limits", { MAX_CONNECTIONS: "7", PING_SECONDS: "2", LOG_LEVEL: "debug" }, {
    maxConnections: 7,
    pingSeconds: 2,
    logLevel: "debug",
  }],
  ["a key set in place of a secret", { TOKEN_SECRET: "", TOKEN_JWKS_URL: "https://id.test/keys" }, {
    tokens: { jwksUrl: "https://id.test/keys" },
  }],
];
for (const [what, env, expected] of accepted) {
  Deno.test(`config: takes ${what}`, () => {
    const config = readConfig("start", { ...start, ...env });
    assert.deepEqual({ ...config, ...expected }, config);
  });
}

const refused: [string, Record<string, string>, RegExp][] = [
  ["no API_KEY", { API_KEY: "" }, /^API_KEY: is not set/],
  ["no secret", { TOKEN_SECRET: "" }, /^TOKEN_SECRET: is not set, nor is TOKEN_JWKS_URL/],
  ["both", { TOKEN_JWKS_URL: "https://id.test/k" }, /^TOKEN_SECRET: .*so is TOKEN_JWKS_URL/],
  ["no origins", { ALLOWED_ORIGINS: "" }, /^ALLOWED_ORIGINS: is not set/],
  ["an origin with a path", { ALLOWED_ORIGINS: "https://a.test/x" }, /^ALLOWED_ORIGINS: "https/],
  ["an origin with a slash", { ALLOWED_ORIGINS: "https://a.test/" }, /^ALLOWED_ORIGINS: "https/],
  ["a host for an origin", { ALLOWED_ORIGINS: "a.test" }, /^ALLOWED_ORIGINS: "a.test"/],
  ["half a shop", { SHOP: "yes" }, /^SHOP: must be on or off/],
  ["a port that is text", { PORT: "http" }, /^PORT: is not a whole number/],
  ["a port with a fraction", { PORT: "80.5" }, /^PORT: is not a whole number/],
  ["a negative port", { PORT: "-1" }, /^PORT: is not a whole number/],
  ["a port too high", { PORT: "65536" }, /^PORT: must be from 0 to 65535/],
  ["an unknown broker", { BROKER_URL: "kafka://x" }, /^BROKER_URL: is "kafka:\/\/x"; known are/],
  ["a key set of no URL", { TOKEN_SECRET: "", TOKEN_JWKS_URL: "keys" }, /^TOKEN_JWKS_URL: /],
  ["a key set in a file", { TOKEN_SECRET: "", TOKEN_JWKS_URL: "file:///k" }, /^TOKEN_JWKS_URL: /],
  ["no connections", { MAX_CONNECTIONS: "0" }, /^MAX_CONNECTIONS: must be from 1/],
  ["a ping a second", { PING_SECONDS: "1" }, /^PING_SECONDS: must be from 2 to 300/],
  ["an unknown level", { LOG_LEVEL: "loud" }, /^LOG_LEVEL: /],
];
for (const [what, env, problem] of refused) {
  Deno.test(`config: start refuses ${what} and names the variable`, () => {
    assert.throws(() => readConfig("start", { ...start, ...env }), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.problems.length, 1);
      assert.match(error.problems[0] ?? "", problem);
      assert.ok(error.message.includes(error.problems[0] ?? "?"));
      assert.ok(!error.message.includes(long), "a secret is in the message");
      return true;
    });
  });
}

Deno.test("config: start names all that is missing at once", () => {
  assert.throws(() => readConfig("start", {}), (error) => {
    assert.ok(error instanceof ConfigError);
    const named = error.problems.map((line) => line.split(":")[0]);
    assert.deepEqual(named, ["API_KEY", "TOKEN_SECRET", "ALLOWED_ORIGINS"]);
    return true;
  });
});

Deno.test("config: start warns of a secret shorter than 32 bytes, and of no longer one", () => {
  const short = { ...start, API_KEY: "x".repeat(31), TOKEN_SECRET: "đ".repeat(16) };
  assert.deepEqual(readConfig("start", short).warnings, ["API_KEY is shorter than 32 bytes"]);
});

Deno.test("config: dev needs nothing, makes secrets of its own and says so", () => {
  const [one, other] = [readConfig("dev", {}), readConfig("dev", {})];
  assert.ok(one.apiKey.length >= 32);
  assert.notEqual(one.apiKey, other.apiKey);
  assert.notDeepEqual(one.tokens, other.tokens);
  assert.deepEqual(one.warnings.map((line) => line.split(" ")[0]), ["API_KEY", "TOKEN_SECRET"]);
  assert.equal(one.kvPath, ".nhip/dev.sqlite");
  assert.equal(one.shop, true);
  const given = readConfig("dev", start);
  assert.deepEqual([given.apiKey, given.tokens, given.warnings], [long, { secret: long }, []]);
});
