/** Says to a push service who is sending: a token signed for it alone (RFC 8292). */
import * as jose from "jose";
import type { Clock } from "../clock.ts";
import type { VapidKeys } from "./vapid_keys.ts";

export interface VapidOptions {
  readonly keys: VapidKeys;
  /** Where the push service reaches the operator: `mailto:` or `https:`. */
  readonly subject: string;
  readonly clock: Pick<Clock, "now">;
}

/** Services refuse tokens that live for more than a day. */
const lifetimeSeconds = 12 * 3_600;
/** A token is used again while it has this long to live. */
const spareSeconds = 3_600;
const maxKept = 100;

export class Vapid {
  readonly #options: VapidOptions;
  readonly #kept = new Map<string, { readonly token: string; readonly expires: number }>();
  #key: Promise<CryptoKey> | undefined;

  constructor(options: VapidOptions) {
    this.#options = options;
  }

  get publicKey(): string {
    return this.#options.keys.publicKey;
  }

  /** The `Authorization` of a request to that endpoint. */
  async authorization(endpoint: string): Promise<string> {
    return `vapid t=${await this.#token(new URL(endpoint).origin)}, k=${this.publicKey}`;
  }

  async #token(audience: string): Promise<string> {
    const now = Math.floor(this.#options.clock.now() / 1_000);
    const known = this.#kept.get(audience);
    if (known !== undefined && known.expires - spareSeconds > now) return known.token;
    const expires = now + lifetimeSeconds;
    const token = await new jose.SignJWT({ aud: audience, sub: this.#options.subject })
      .setProtectedHeader({ typ: "JWT", alg: "ES256" })
      .setExpirationTime(expires)
      .sign(await (this.#key ??= importKey(this.#options.keys)));
    if (this.#kept.size >= maxKept) this.#kept.clear();
    this.#kept.set(audience, { token, expires });
    return token;
  }
}

function importKey({ publicKey, privateKey }: VapidKeys): Promise<CryptoKey> {
  const point = Uint8Array.fromBase64(publicKey, { alphabet: "base64url" });
  const coordinate = (from: number) =>
    point.subarray(from, from + 32).toBase64({ alphabet: "base64url", omitPadding: true });
  const jwk = { kty: "EC", crv: "P-256", x: coordinate(1), y: coordinate(33), d: privateKey };
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  return crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
}
