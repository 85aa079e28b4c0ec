/**
 * Signatures with which an application's back end lets a user follow keys of a channel:
 * `iat:exp:hex`, by HMAC-SHA256 (PROTOCOL.md 2.7).
 */
import { createHash } from "node:crypto";
import { ProtocolError } from "../protocol/errors.ts";

/** Clients ask for a new signature when the old one is over. */
const graceMs = 5_000;

export class Signatures {
  readonly #secret: Uint8Array<ArrayBuffer>;
  #key: Promise<CryptoKey> | undefined;

  /** @param secret not empty. */
  constructor(secret: string) {
    this.#secret = new TextEncoder().encode(secret);
  }

  /**
   * Until when the user may follow these keys, in Unix seconds; null: for good.
   * @param keys in the order in which they were signed, without NUL.
   * @throws ProtocolError 103 for another signature, 109 when it is over.
   */
  async verify(
    signature: string,
    user: string,
    channel: string,
    keys: readonly string[],
  ): Promise<number | null> {
    const [, issuedAt, expiry, hex] = /^(\d{1,15}):(\d{1,15}):([0-9a-f]{64})$/.exec(signature) ??
      [];
    if (issuedAt === undefined || expiry === undefined || hex === undefined) {
      throw new ProtocolError("permissionDenied", "the signature is not iat:exp:hex");
    }
    const signed = [issuedAt, expiry, user, channel, digestOf(keys)].join("\0");
    const data = new TextEncoder().encode(signed);
    const mac = Uint8Array.fromHex(hex);
    if (!await crypto.subtle.verify("HMAC", await this.#imported(), mac, data)) {
      throw new ProtocolError("permissionDenied", "the signature is not of these keys");
    }
    const expiresAt = Number(expiry);
    if (expiresAt === 0) return null;
    if (expiresAt * 1_000 + graceMs < Date.now()) throw new ProtocolError("tokenExpired");
    return expiresAt;
  }

  #imported(): Promise<CryptoKey> {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    return this.#key ??= crypto.subtle.importKey("raw", this.#secret, algorithm, false, ["verify"]);
  }
}

function digestOf(keys: readonly string[]): string {
  return createHash("sha256").update(keys.join("\0")).digest("hex");
}
