import assert from "node:assert/strict";
import { ConfigError, readConfig } from "../../lib/config.ts";

const long = "0123456789abcdef0123456789abcdef";
const start = { API_KEY: long, TOKEN_SECRET: long, ALLOWED_ORIGINS: "https://shop.example" };
const tilesOf = (MAP_TILES_URL: string, MAP_TILES_CREDIT = "") =>
  readConfig("start", { ...start, MAP_TILES_URL, MAP_TILES_CREDIT }).mapTiles;

Deno.test("config: tiles are a template, and of the origin alone is asked", () => {
  const template = "https://tile.example:8443/a/{z}/{x}/{y}{r}.png?key=a%20b";
  assert.deepEqual(tilesOf(template, "© Tile people"), {
    template,
    origin: "https://tile.example:8443",
    credit: "© Tile people",
  });
  assert.equal(tilesOf("http://127.0.0.1:81/{z}/{y}/{x}")?.origin, "http://127.0.0.1:81");
  assert.equal(tilesOf(""), null);
});

const refused: readonly [template: string, why: RegExp][] = [
  ["https://tile.example/", /^MAP_TILES_URL: has no \{z\}; it is an address such as https:/],
  ["https://tile.example/{z}/{x}.png", /^MAP_TILES_URL: has no \{y\}/],
  ["https://{s}.tile.example/{z}/{x}/{y}.png", /^MAP_TILES_URL: has \{s\}; name one host/],
  ["https://tile.example/{z}/{x}/{y}?k={key}", /^MAP_TILES_URL: has \{key\}; known are/],
  ["https://tile.example/{z}/{x}/{y}{", /^MAP_TILES_URL: has \{; known are/],
  ["https://{z}.example/{x}/{y}", /^MAP_TILES_URL: has a placeholder in its host/],
  ["/tiles/{z}/{x}/{y}", /^MAP_TILES_URL: is not an http\(s\) address/],
  ["javascript:alert({z}{x}{y})", /^MAP_TILES_URL: is not an http\(s\) address/],
  [
    "https://a.example;script-src/{z}/{x}/{y}",
    /^MAP_TILES_URL: has the host "a\.example;script-src"/,
  ],
  ["https://*/{z}/{x}/{y}", /^MAP_TILES_URL: has the host "\*", which is none/],
  ["https://a:b@tile.example/{z}/{x}/{y}", /^MAP_TILES_URL: has a user name or a password/],
];
for (const [template, why] of refused) {
  Deno.test(`config: refuses tiles from ${template}`, () => {
    assert.throws(() => tilesOf(template), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.problems.join("\n"), why);
      return true;
    });
  });
}
