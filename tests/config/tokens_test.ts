import assert from "node:assert/strict";
import { readConfig } from "../../lib/config.ts";

const long = "0123456789abcdef0123456789abcdef";
const start = { API_KEY: long, ALLOWED_ORIGINS: "https://shop.example" };
const jwksUrl = "https://id.test/keys";
const [audience, issuer] = ["nhip", "https://id.test/"];
const open = "TOKEN_JWKS_URL is set without TOKEN_AUDIENCE: any token of that provider is accepted";

const accepted: [string, Record<string, string>, object, readonly string[]][] = [
  ["a secret alone", { TOKEN_SECRET: long }, { secret: long }, []],
  [
    "a secret with audience and issuer",
    { TOKEN_SECRET: long, TOKEN_AUDIENCE: audience, TOKEN_ISSUER: issuer },
    { secret: long, audience, issuer },
    [],
  ],
  [
    "a key set with audience and issuer",
    { TOKEN_JWKS_URL: jwksUrl, TOKEN_AUDIENCE: audience, TOKEN_ISSUER: issuer },
    { jwksUrl, audience, issuer },
    [],
  ],
  ["a key set alone, with a warning", { TOKEN_JWKS_URL: jwksUrl }, { jwksUrl }, [open]],
  [
    "a key set with an issuer alone, with a warning",
    { TOKEN_JWKS_URL: jwksUrl, TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: "" },
    { jwksUrl, issuer },
    [open],
  ],
];
for (const [what, env, expected, warned] of accepted) {
  Deno.test(`config: start takes ${what}`, () => {
    const { tokens, warnings } = readConfig("start", { ...start, ...env });
    assert.deepEqual(tokens, expected);
    assert.deepEqual(warnings, warned);
  });
}

Deno.test("config: dev signs its own tokens, and says what it does not use", () => {
  const env = { TOKEN_JWKS_URL: jwksUrl, TOKEN_AUDIENCE: audience, TOKEN_ISSUER: issuer };
  const { tokens, warnings } = readConfig("dev", { ...start, TOKEN_SECRET: long, ...env });
  assert.deepEqual(tokens, { secret: long });
  assert.deepEqual(warnings.map((line) => line.split(" is not used")[0]), Object.keys(env));
});
