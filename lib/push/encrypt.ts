/**
 * Message encryption for Web Push (RFC 8291): what a push service carries only the browser can read.
 * The content coding is aes128gcm (RFC 8188) with a single record.
 */

/** The browser's part of a subscription, both in base64url. */
export interface ReceiverKeys {
  /** Its P-256 public key: an uncompressed point of 65 bytes. */
  readonly p256dh: string;
  /** 16 random bytes. */
  readonly auth: string;
}

/** Never used for two messages; given only to repeat a known example. */
export interface MessageSecrets {
  readonly sender: CryptoKeyPair;
  /** 16 bytes. */
  readonly salt: Uint8Array<ArrayBuffer>;
}

/** Push services need not take more than 4,096 bytes: 86 of header, 16 of tag, 1 that ends the text. */
export const maxPlaintextBytes = 4_096 - 86 - 16 - 1;
/** Says only that there is one record. */
const recordSize = 4_096;
const tagBytes = 16;
/** Ends the text of the last record (RFC 8188, section 2). */
const lastRecord = 2;

type Bytes = Uint8Array<ArrayBuffer>;

const curve = { name: "ECDH", namedCurve: "P-256" } as const;
const encoder = new TextEncoder();

/** @throws Error when the plaintext is too long or the keys are none. */
export async function encryptPush(
  plaintext: Bytes,
  receiver: ReceiverKeys,
  secrets?: MessageSecrets,
): Promise<Bytes> {
  if (plaintext.byteLength > maxPlaintextBytes) {
    throw new Error(`a push message has at most ${maxPlaintextBytes} bytes`);
  }
  const { sender, salt } = secrets ?? await freshSecrets();
  const point = decode(receiver.p256dh);
  const publicKey = await importReceiver(point);
  const secret = await crypto.subtle.deriveBits(
    { name: "ECDH", public: publicKey },
    sender.privateKey,
    256,
  );
  const own = new Uint8Array(await crypto.subtle.exportKey("raw", sender.publicKey));
  const info = joined(encoder.encode("WebPush: info\0"), point, own);
  const keyMaterial = await derive(new Uint8Array(secret), decode(receiver.auth), info, 32);
  return await encryptContent(plaintext, { keyMaterial, salt, keyId: own });
}

/** The content coding aes128gcm with one record. @param content.keyId at most 255 bytes */
export async function encryptContent(
  plaintext: Bytes,
  { keyMaterial, salt, keyId }: {
    readonly keyMaterial: Bytes;
    readonly salt: Bytes;
    readonly keyId: Bytes;
  },
): Promise<Bytes> {
  const contentKey = await derive(
    keyMaterial,
    salt,
    encoder.encode("Content-Encoding: aes128gcm\0"),
    16,
  );
  // The first record's number is 0, so the nonce stays as it is.
  const nonce = await derive(keyMaterial, salt, encoder.encode("Content-Encoding: nonce\0"), 12);
  const key = await crypto.subtle.importKey("raw", contentKey, "AES-GCM", false, ["encrypt"]);
  const record = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, tagLength: tagBytes * 8 },
    key,
    joined(plaintext, Uint8Array.of(lastRecord)),
  );
  return joined(header(salt, keyId), new Uint8Array(record));
}

/** @throws Error for keys that no message can be encrypted with. */
export async function checkReceiver(receiver: ReceiverKeys): Promise<void> {
  if (decode(receiver.auth).byteLength !== 16) throw new Error("auth is not 16 bytes");
  // Whether a point is on the curve shows when it is used.
  await encryptPush(new Uint8Array(), receiver);
}

async function importReceiver(point: Bytes): Promise<CryptoKey> {
  if (point.byteLength !== 65) throw new Error("p256dh is not 65 bytes in base64url");
  return await crypto.subtle.importKey("raw", point, curve, false, []);
}

async function freshSecrets(): Promise<MessageSecrets> {
  return {
    sender: await crypto.subtle.generateKey(curve, true, ["deriveBits"]),
    salt: crypto.getRandomValues(new Uint8Array(16)),
  };
}

/** HKDF with SHA-256. */
async function derive(secret: Bytes, salt: Bytes, info: Bytes, bytes: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, bytes * 8));
}

function header(salt: Bytes, keyId: Bytes): Bytes {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, recordSize);
  return joined(salt, size, Uint8Array.of(keyId.byteLength), keyId);
}

function joined(...parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

function decode(text: string): Bytes {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}
