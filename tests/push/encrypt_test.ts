import assert from "node:assert/strict";
import {
  checkReceiver,
  encryptContent,
  encryptPush,
  maxPlaintextBytes,
} from "../../lib/push/encrypt.ts";
import { base64url, Receiver } from "./support.ts";

const bytes = (text: string) => Uint8Array.fromBase64(text, { alphabet: "base64url" });
const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("push encryption: the example of RFC 8188, section 3.1", async () => {
  const content = await encryptContent(encode("I am the walrus"), {
    keyMaterial: bytes("yqdlZ-tYemfogSmv7Ws5PQ"),
    salt: bytes("I1BsxtFttlv3u_Oo94xnmw"),
    keyId: new Uint8Array(),
  });
  assert.equal(
    base64url(content),
    "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg",
  );
});

Deno.test("push encryption: the example of RFC 8291, appendix A", async () => {
  const point = bytes(
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
  );
  const coordinate = (from: number) => base64url(point.subarray(from, from + 32));
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const pub = { kty: "EC", crv: "P-256", x: coordinate(1), y: coordinate(33) };
  const d = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
  const sender = {
    publicKey: await crypto.subtle.importKey("jwk", pub, curve, true, []),
    privateKey: await crypto.subtle.importKey("jwk", { ...pub, d }, curve, true, ["deriveBits"]),
  };
  const message = await encryptPush(encode("When I grow up, I want to be a watermelon"), {
    p256dh:
      "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  }, { sender, salt: bytes("DGv6ra1nlYgDCS1FRnbzlw") });
  assert.equal(
    base64url(message),
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml" +
      "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT" +
      "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
  );
});

Deno.test("push encryption: the receiver reads what was sent, up to the longest", async () => {
  const receiver = new Receiver();
  for (const text of ["", "Đơn hàng mới", "x".repeat(maxPlaintextBytes)]) {
    const message = await encryptPush(encode(text), receiver.keys);
    assert.ok(message.byteLength <= 4_096);
    assert.equal(receiver.decrypt(message), text);
  }
  await assert.rejects(
    encryptPush(new Uint8Array(maxPlaintextBytes + 1), receiver.keys),
    /at most/,
  );
});

Deno.test("push encryption: no two messages are alike, and nobody else reads them", async () => {
  const receiver = new Receiver();
  const [one, other] = [
    await encryptPush(encode("same"), receiver.keys),
    await encryptPush(encode("same"), receiver.keys),
  ];
  assert.notDeepEqual(one.subarray(0, 16), other.subarray(0, 16));
  assert.notDeepEqual(one.subarray(21, 86), other.subarray(21, 86));
  assert.throws(() => new Receiver().decrypt(one));
  one[one.length - 1] = (one.at(-1) ?? 0) ^ 1;
  assert.throws(() => receiver.decrypt(one));
});

Deno.test("push encryption: keys that are none are known at once", async () => {
  const { p256dh, auth } = new Receiver().keys;
  await checkReceiver({ p256dh, auth });
  const bad = [
    { p256dh, auth: "AAAA" },
    { p256dh, auth: "*" },
    { p256dh: "BAAA", auth },
    { p256dh: `BA${"A".repeat(85)}`, auth },
    { p256dh: `A${p256dh.slice(1)}`, auth },
  ];
  for (const keys of bad) await assert.rejects(checkReceiver(keys));
});
