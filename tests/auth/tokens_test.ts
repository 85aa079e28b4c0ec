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
  ["for another channel", { sub: "u", channel: "b" }, "another"],
  ["for another user", { sub: "v", channel: "a" }, "another"],
  ["for nobody", { channel: "a" }, "another"],
  ["without a channel", { sub: "u" }, "invalid"],
  ["that is over", { sub: "u", channel: "a", exp: 1 }, "expired"],
];
for (const [what, claims, reason] of ofSubscription) {
  Deno.test(`tokens: a subscription token ${what}`, async () => {
    const checked = verifier.subscription(await sign(claims), "a", "u");
    if (reason === null) await checked;
    else await assert.rejects(checked, { name: "TokenError", reason });
  });
}

/** A key set, served on this machine from `listen` on. */
async function keySet() {
  const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
  const jwk = { ...await jose.exportJWK(publicKey), kid: "k1", alg: "ES256" };
  const port = freePort();
  const requests = { n: 0 };
  return {
    requests,
    verifier: tokenVerifier({ jwksUrl: `http://127.0.0.1:${port}/jwks` }),
    listen: () =>
      Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, () => {
        requests.n++;
        return Response.json({ keys: [jwk] });
      }),
    token: (kid = "k1") =>
      new jose.SignJWT({ sub: "u" }).setProtectedHeader({ alg: "ES256", kid }).sign(privateKey),
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
