import assert from "node:assert/strict";
import * as jose from "jose";
import { freePort } from "../support/server.ts";
import { signToken, TokenError, tokenVerifier } from "../../lib/auth/tokens.ts";

const secret = "a secret that is longer than thirty-two bytes";
const key = new TextEncoder().encode(secret);
const verifier = tokenVerifier({ secret });
const sign = (claims: jose.JWTPayload, alg = "HS256", by = key) =>
  new jose.SignJWT(claims).setProtectedHeader({ alg }).sign(by);
const now = () => Math.floor(Date.now() / 1_000);

Deno.test("tokens: a connection token says who somebody is and until when", async () => {
  const exp = now() + 60;
  const identity = await verifier.connection(await sign({ sub: "u", exp, info: { name: "Đỗ" } }));
  assert.deepEqual(identity, {
    user: "u",
    expiresAt: exp,
    anonymous: false,
    info: { name: "Đỗ" },
  });
  assert.deepEqual(await verifier.connection(await sign({})), {
    user: "",
    expiresAt: null,
    anonymous: false,
  });
});

for (const alg of ["HS256", "HS384", "HS512"]) {
  Deno.test(`tokens: ${alg} is accepted`, async () => {
    assert.equal((await verifier.connection(await sign({ sub: "u" }, alg))).user, "u");
  });
}

Deno.test("tokens: one that signToken made is accepted", async () => {
  const { user, expiresAt, info } = await verifier.connection(
    await signToken(secret, { sub: "u", info: 1 }, "1h"),
  );
  assert.deepEqual([user, info], ["u", 1]);
  assert.ok(expiresAt !== null && Math.abs(expiresAt - now() - 3_600) < 5);
});

Deno.test("tokens: a role of ours is taken, any other means nothing", async () => {
  const roleOf = async (role: unknown) => (await verifier.connection(await sign({ role }))).role;
  const roles = ["staff", "admin", "owner", ["staff"], null];
  assert.deepEqual(await Promise.all(roles.map(roleOf)), [
    "staff",
    "admin",
    undefined,
    undefined,
    undefined,
  ]);
});

const unsigned = (header: object, payload: object) =>
  [header, payload].map((part) => jose.base64url.encode(JSON.stringify(part))).join(".") + ".";
const bad: [string, () => Promise<string> | string, TokenError["reason"]][] = [
  ["nothing", () => "", "invalid"],
  ["anything", () => "a.b.c", "invalid"],
  ["another key", () => sign({ sub: "u" }, "HS256", key.map((byte) => byte ^ 1)), "invalid"],
  ["no signature", () => unsigned({ alg: "none" }, { sub: "u" }), "invalid"],
  ["a signature cut off", async () => (await sign({ sub: "u" })).slice(0, -5), "invalid"],
  ["expired", () => sign({ sub: "u", exp: now() - 5 }), "expired"],
  [
    "expired and of another key",
    () => sign({ sub: "u", exp: now() - 5 }, "HS256", key.toReversed()),
    "invalid",
  ],
  ["not valid yet", () => sign({ sub: "u", nbf: now() + 60 }), "invalid"],
  ["a subscription token", () => sign({ sub: "u", channel: "a" }), "invalid"],
  ["a user longer than 255", () => sign({ sub: "u".repeat(256) }), "invalid"],
];
for (const [what, make, reason] of bad) {
  Deno.test(`tokens: refuses ${what} as a connection token`, async () => {
    await assert.rejects(verifier.connection(await make()), (error) => {
      assert.ok(error instanceof TokenError);
      assert.equal(error.reason, reason);
      return true;
    });
  });
}

const ofSubscription: [string, jose.JWTPayload, TokenError["reason"] | null][] = [
  ["for channel and user", { sub: "u", channel: "a" }, null],
  ["for channel and user, for a while", { sub: "u", channel: "a", exp: now() + 60 }, null],
  ["for another channel", { sub: "u", channel: "b" }, "another"],
  ["for another user", { sub: "v", channel: "a" }, "another"],
  ["for nobody", { channel: "a" }, "another"],
  ["without a channel", { sub: "u" }, "invalid"],
  ["that is over", { sub: "u", channel: "a", exp: 1 }, "expired"],
];
for (const [what, claims, reason] of ofSubscription) {
  Deno.test(`tokens: a subscription token ${what}`, async () => {
    const checked = verifier.subscription(await sign(claims), "a", "u");
    if (reason === null) assert.equal(await checked, claims.exp ?? null);
    else await assert.rejects(checked, { name: "TokenError", reason });
  });
}

const strict = { audience: "nhip", issuer: "https://id.test/" };
const own = { sub: "u", channel: "a", aud: ["other", "nhip"], iss: strict.issuer };
const foreign: [string, jose.JWTPayload, TokenError["reason"]][] = [
  ["another audience", { ...own, aud: "other" }, "invalid"],
  ["another issuer", { ...own, iss: "https://id.test" }, "invalid"],
  ["neither", { sub: "u", channel: "a" }, "invalid"],
  // Whoever is told to renew it would come back with the like.
  ["another audience that is over", { ...own, aud: "other", exp: 1 }, "invalid"],
];
for (const [what, claims, reason] of foreign) {
  Deno.test(`tokens: where audience and issuer are asked for, refuses ${what}`, async () => {
    const verifier = tokenVerifier({ secret, ...strict });
    const { channel: _, ...connection } = claims;
    const expected = { name: "TokenError", reason };
    await assert.rejects(verifier.connection(await sign(connection)), expected);
    await assert.rejects(verifier.subscription(await sign(claims), "a", "u"), expected);
  });
}

Deno.test("tokens: where audience and issuer are asked for, accepts them", async () => {
  const verifier = tokenVerifier({ secret, ...strict });
  const { channel: _, ...connection } = own;
  assert.equal((await verifier.connection(await sign(connection))).user, "u");
  assert.equal(await verifier.subscription(await sign(own), "a", "u"), null);
});

/** A key set, served on this machine from `listen` on. */
async function keySet(expected: { audience?: string; issuer?: string } = {}) {
  const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
  const jwk = { ...await jose.exportJWK(publicKey), kid: "k1", alg: "ES256" };
  const port = freePort();
  const requests = { n: 0 };
  return {
    requests,
    verifier: tokenVerifier({ jwksUrl: `http://127.0.0.1:${port}/jwks`, ...expected }),
    listen: () =>
      Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, () => {
        requests.n++;
        return Response.json({ keys: [jwk] });
      }),
    token: (kid = "k1", claims: jose.JWTPayload = {}) =>
      new jose.SignJWT({ sub: "u", ...claims }).setProtectedHeader({ alg: "ES256", kid }).sign(
        privateKey,
      ),
  };
}

Deno.test("tokens: keys of a JWKS, fetched once", async () => {
  const { requests, verifier, listen, token } = await keySet();
  await using _server = listen();
  for (const _ of [1, 2, 3]) {
    assert.equal((await verifier.connection(await token())).user, "u");
  }
  assert.equal(requests.n, 1);
  await assert.rejects(verifier.connection(await token("k2")), { reason: "invalid" });
  await assert.rejects(verifier.connection(await sign({ sub: "u" })), { reason: "invalid" });
});

Deno.test("tokens: a key set that cannot be had is a fault of ours, not of the token", async () => {
  const set = await keySet();
  const token = await set.token();
  await assert.rejects(set.verifier.connection(token), /^Error: Cannot get the keys of http/);
  await using _server = set.listen();
  assert.equal((await set.verifier.connection(token)).user, "u");
});

Deno.test("tokens: of a JWKS, only those for this audience by this issuer", async () => {
  const { verifier, listen, token } = await keySet(strict);
  await using _server = listen();
  const right = { aud: strict.audience, iss: strict.issuer };
  assert.equal((await verifier.connection(await token("k1", right))).user, "u");
  for (const wrong of [{ ...right, aud: "other" }, { ...right, iss: "other" }, {}]) {
    await assert.rejects(verifier.connection(await token("k1", wrong)), { reason: "invalid" });
    const forChannel = await token("k1", { ...wrong, channel: "a" });
    await assert.rejects(verifier.subscription(forChannel, "a", "u"), { reason: "invalid" });
  }
});
