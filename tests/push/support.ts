/** A browser's keys and a push service of the test's own, which reads what it is sent. */
import { Buffer } from "node:buffer";
import { createDecipheriv, createECDH, type ECDH, hkdfSync } from "node:crypto";
import assert from "node:assert/strict";
import * as jose from "jose";
import type { SubscriptionRequest } from "../../lib/push/subscriptions.ts";

/** One browser's subscription: its keys never leave it. */
export class Receiver {
  readonly keys: { readonly p256dh: string; readonly auth: string };
  readonly #pair: ECDH;
  readonly #auth: Uint8Array;

  constructor() {
    this.#pair = createECDH("prime256v1");
    this.#pair.generateKeys();
    this.#auth = crypto.getRandomValues(new Uint8Array(16));
    this.keys = { p256dh: base64url(this.#pair.getPublicKey()), auth: base64url(this.#auth) };
  }

  /** By RFC 8291 and 8188 through Node's cryptography, apart from the code under test. */
  decrypt(body: Uint8Array): string {
    const salt = body.subarray(0, 16);
    const recordSize = new DataView(body.buffer, body.byteOffset).getUint32(16);
    const idLength = body[20] ?? 0;
    const sender = body.subarray(21, 21 + idLength);
    const record = body.subarray(21 + idLength);
    assert.equal(idLength, 65);
    assert.ok(record.byteLength <= recordSize);
    const secret = this.#pair.computeSecret(sender);
    const info = Buffer.concat([
      Buffer.from("WebPush: info\0"),
      this.#pair.getPublicKey(),
      Buffer.from(sender),
    ]);
    const material = hkdfSync("sha256", secret, this.#auth, info, 32);
    const derived = (label: string, length: number) =>
      new Uint8Array(
        hkdfSync("sha256", new Uint8Array(material), salt, Buffer.from(`${label}\0`), length),
      );
    const key = derived("Content-Encoding: aes128gcm", 16);
    const decipher = createDecipheriv("aes-128-gcm", key, derived("Content-Encoding: nonce", 12));
    decipher.setAuthTag(record.subarray(-16));
    const text = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
    const end = text.lastIndexOf(2);
    assert.ok(text.subarray(end + 1).every((byte) => byte === 0), "padding");
    return text.subarray(0, end).toString("utf8");
  }
}

export interface Received {
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface PushService extends AsyncDisposable {
  readonly url: string;
  /** Of all requests so far. */
  readonly received: readonly Received[];
  /** The answer to each request to come. */
  answer: (request: Received) => Response | Promise<Response>;
  /** The next request that nobody has taken yet. */
  next(): Promise<Received>;
}

export function startPushService(): PushService {
  const received: Received[] = [];
  const waiting: ((one: Received) => void)[] = [];
  let taken = 0;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const { pathname: path } = new URL(request.url);
      const body = new Uint8Array(await request.arrayBuffer());
      const one: Received = { path, headers: request.headers, body };
      const answer = await service.answer(one);
      received.push(one);
      if (waiting.length > 0) taken++;
      waiting.shift()?.(one);
      return answer;
    },
  );
  const service: PushService = {
    url: `http://127.0.0.1:${server.addr.port}`,
    received,
    answer: () => new Response(null, { status: 201 }),
    next() {
      const one = received[taken];
      if (one === undefined) return new Promise((resolve) => waiting.push(resolve));
      taken++;
      return Promise.resolve(one);
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return service;
}

export function subscriptionAt(
  endpoint: string,
  receiver: Receiver,
  language: "en" | "vi" = "en",
): SubscriptionRequest {
  return { endpoint, keys: receiver.keys, language, expirationTime: null };
}

/** The claims of a request's VAPID token, once its signature is that of `publicKey`. */
export async function vapidClaims(
  { headers }: Received,
  publicKey: string,
  now: Date = new Date(),
): Promise<jose.JWTPayload> {
  const [, token = "", key = ""] =
    /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(headers.get("authorization") ?? "") ?? [];
  assert.equal(key, publicKey);
  const point = Buffer.from(key, "base64url");
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: base64url(point.subarray(1, 33)),
    y: base64url(point.subarray(33)),
  };
  const { payload } = await jose.jwtVerify(token, await jose.importJWK(jwk, "ES256"), {
    algorithms: ["ES256"],
    currentDate: now,
  });
  return payload;
}

export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
