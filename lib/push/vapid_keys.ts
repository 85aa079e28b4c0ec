/** The server's own key pair, by which push services know who sends (RFC 8292). */
import { createECDH } from "node:crypto";
import { z } from "zod";

/** Both in base64url, as browsers and the usual tools write them. */
export interface VapidKeys {
  /** An uncompressed point of 65 bytes: what browsers subscribe with. */
  readonly publicKey: string;
  /** 32 bytes. */
  readonly privateKey: string;
}

const curve = "prime256v1";
const form = z.object({ publicKey: z.string().optional(), privateKey: z.string() });

/**
 * Reads `{"publicKey":…,"privateKey":…}`, or the private key alone.
 * @throws Error that says what is wrong and shows nothing of the key.
 */
export function parseVapidKeys(text: string): VapidKeys {
  const { publicKey, privateKey } = text.trimStart().startsWith("{")
    ? fromJson(text)
    : { publicKey: undefined, privateKey: text.trim() };
  const own = publicKeyOf(privateKey);
  const isPair = publicKey === undefined || publicKey.replace(/=+$/, "") === own;
  if (!isPair) throw new Error("the public key is not that of the private key");
  return { publicKey: own, privateKey: privateKey.replace(/=+$/, "") };
}

export function makeVapidKeys(): VapidKeys {
  const pair = createECDH(curve);
  pair.generateKeys();
  // Leading zeros are part of the number's 32 bytes.
  const privateKey = encode(pair.getPrivateKey(), 32);
  return { publicKey: publicKeyOf(privateKey), privateKey };
}

function fromJson(text: string): z.infer<typeof form> {
  try {
    return form.parse(JSON.parse(text));
  } catch {
    throw new Error('is not {"publicKey":"…","privateKey":"…"}');
  }
}

function publicKeyOf(privateKey: string): string {
  try {
    const bytes = Uint8Array.fromBase64(privateKey, { alphabet: "base64url" });
    if (bytes.byteLength !== 32) throw new Error("length");
    const pair = createECDH(curve);
    pair.setPrivateKey(bytes);
    return encode(pair.getPublicKey(), 65);
  } catch {
    throw new Error("the private key is not 32 bytes of P-256 in base64url");
  }
}

function encode(given: Uint8Array, bytes: number): string {
  const padded = new Uint8Array(bytes);
  padded.set(given, bytes - given.byteLength);
  return padded.toBase64({ alphabet: "base64url", omitPadding: true });
}
