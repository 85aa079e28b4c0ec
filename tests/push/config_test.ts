import assert from "node:assert/strict";
import { parsePush } from "../../lib/push/config.ts";
import { endpointObjection } from "../../lib/push/services.ts";
import { Vapid } from "../../lib/push/vapid.ts";
import { makeVapidKeys, parseVapidKeys } from "../../lib/push/vapid_keys.ts";
import { type Received, vapidClaims } from "./support.ts";

const keys = makeVapidKeys();
const subject = "mailto:ops@shop.example";

Deno.test("VAPID_KEYS: a pair as JSON, or the private key alone", () => {
  assert.deepEqual(parseVapidKeys(JSON.stringify(keys)), keys);
  assert.deepEqual(parseVapidKeys(`${keys.privateKey}\n`), keys);
  assert.deepEqual(parseVapidKeys(`${keys.privateKey}=`), keys);
});

Deno.test("VAPID_KEYS: what is none is refused, and not shown", () => {
  const other = makeVapidKeys();
  const bad = [
    "secret",
    `${keys.privateKey}AAAA`,
    "A".repeat(43),
    `{"privateKey":"${keys.privateKey}"`,
    `{"publicKey":"${keys.publicKey}"}`,
    JSON.stringify({ ...keys, publicKey: other.publicKey }),
  ];
  for (const VAPID_KEYS of bad) {
    assert.throws(
      () => parsePush(false, { VAPID_KEYS, VAPID_SUBJECT: subject }),
      ({ message }: Error) => {
        assert.match(message, /^VAPID_KEYS: /);
        assert.ok(!message.includes(keys.privateKey) && !message.includes("secret"), message);
        return true;
      },
    );
  }
});

Deno.test("web push: production is without it until it has keys; development makes some", () => {
  assert.equal(parsePush(false, {}), null);
  assert.equal(parsePush(true, {})?.keys.publicKey.length, 87);
  const VAPID_KEYS = keys.privateKey;
  assert.throws(() => parsePush(false, { VAPID_KEYS }), /^Error: VAPID_SUBJECT: is not set/);
  for (const VAPID_SUBJECT of ["ops@shop.example", "http://shop.example", "mailto:"]) {
    assert.throws(() => parsePush(false, { VAPID_KEYS, VAPID_SUBJECT }), /VAPID_SUBJECT: is not/);
  }
  const config = parsePush(false, {
    VAPID_KEYS,
    VAPID_SUBJECT: subject,
    PUSH_SERVICES: " Push.Example.org ,, *.up.example",
  });
  assert.deepEqual(config, {
    keys,
    subject,
    policy: { services: ["push.example.org", "*.up.example"], loopback: false },
  });
  for (const host of ["10.0.0.1", "localhost", "*", "https://a.example", "a.example:81", "::1"]) {
    assert.throws(() => parsePush(false, { PUSH_SERVICES: host }), /^Error: PUSH_SERVICES: "/);
  }
});

const production = { services: ["*.up.example"], loopback: false };
const development = { services: [], loopback: true };

Deno.test("endpoints: those of known push services alone", () => {
  const good = [
    "https://fcm.googleapis.com/fcm/send/abc:def",
    "https://updates.push.services.mozilla.com/wpush/v2/abc",
    "https://web.push.apple.com/abc",
    "https://wns2-par02p.notify.windows.com/w/?token=abc",
    "https://a.b.up.example/",
  ];
  for (const endpoint of good) assert.equal(endpointObjection(endpoint, production), null);
  const bad: [string, RegExp][] = [
    ["", /not an address/],
    ["fcm.googleapis.com/x", /not an address/],
    ["http://fcm.googleapis.com/x", /not https/],
    ["ftp://fcm.googleapis.com/x", /not https/],
    ["https://me:pw@fcm.googleapis.com/x", /user name/],
    ["https://fcm.googleapis.com:8443/x", /port/],
    ["https://fcm.googleapis.com.evil.example/x", /PUSH_SERVICES/],
    ["https://evilpush.apple.com/x", /PUSH_SERVICES/],
    ["https://up.example/x", /PUSH_SERVICES/],
    ["https://127.0.0.1/x", /PUSH_SERVICES/],
    ["https://0x7f.1/x", /PUSH_SERVICES/],
    ["https://[::1]/x", /PUSH_SERVICES/],
    ["https://10.1.2.3/x", /PUSH_SERVICES/],
    ["https://169.254.169.254/latest", /PUSH_SERVICES/],
    ["https://localhost/x", /PUSH_SERVICES/],
    ["https://kv.internal/x", /PUSH_SERVICES/],
    [`https://fcm.googleapis.com/${"x".repeat(1_024)}`, /longer than 1024/],
  ];
  for (const [endpoint, why] of bad) {
    const said = endpointObjection(endpoint, production) ?? "";
    assert.match(said, why, endpoint);
    assert.ok(endpoint === "" || !said.includes(endpoint));
  }
});

Deno.test("endpoints: in development this machine as well, and no other", () => {
  for (const host of ["http://127.0.0.1:1234", "http://localhost", "https://[::1]:99"]) {
    assert.equal(endpointObjection(`${host}/x`, development), null, host);
  }
  for (const host of ["http://10.0.0.1", "http://fcm.googleapis.com", "https://192.168.1.1"]) {
    assert.notEqual(endpointObjection(`${host}/x`, development), null, host);
  }
});

Deno.test("VAPID: a token for one service, used again until it is old", async () => {
  let now = Date.UTC(2026, 0, 1);
  const vapid = new Vapid({ keys, subject, clock: { now: () => now } });
  const from = async (endpoint: string): Promise<Received> => ({
    path: "/",
    headers: new Headers({ authorization: await vapid.authorization(endpoint) }),
    body: new Uint8Array(),
  });
  const first = await from("https://web.push.apple.com/a");
  const claims = await vapidClaims(first, keys.publicKey, new Date(now));
  assert.deepEqual(claims, {
    aud: "https://web.push.apple.com",
    sub: subject,
    exp: now / 1_000 + 12 * 3_600,
  });
  const authorization = ({ headers }: Received) => headers.get("authorization");
  assert.equal(authorization(await from("https://web.push.apple.com/b")), authorization(first));
  const other = await vapidClaims(
    await from("https://fcm.googleapis.com/a"),
    keys.publicKey,
    new Date(now),
  );
  assert.equal(other.aud, "https://fcm.googleapis.com");
  now += 11.5 * 3_600_000;
  assert.notEqual(authorization(await from("https://web.push.apple.com/a")), authorization(first));
});
