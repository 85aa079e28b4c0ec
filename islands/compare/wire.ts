/**
 * How long things are on the wire, as HTTP/1.1 (RFC 9112) and WebSocket (RFC 6455) write them. HTTP/2
 * and HTTP/3 write the same headers in fewer bytes.
 */
const crlf = 2;
const encoder = new TextEncoder();

export type Headers = Iterable<readonly [name: string, value: string]>;

/** Bytes of UTF-8. */
export function textBytes(text: string): number {
  return encoder.encode(text).length;
}

/** `name: value` with its line's end, for each. */
export function headerBytes(headers: Headers): number {
  let bytes = 0;
  for (const [name, value] of headers) bytes += name.length + 2 + value.length + crlf;
  return bytes;
}

/** @param target the path and the query */
export function requestHeadBytes(method: string, target: string, headers: Headers): number {
  return `${method} ${target} HTTP/1.1`.length + crlf + headerBytes(headers) + crlf;
}

/** @param reason such as `OK` */
export function answerHeadBytes(status: number, reason: string, headers: Headers): number {
  return `HTTP/1.1 ${status} ${reason}`.length + crlf + headerBytes(headers) + crlf;
}

/** What stands around one chunk of a body whose length is not said before (RFC 9112, 7.1). */
export function chunkFraming(bytes: number): number {
  return bytes.toString(16).length + 2 * crlf;
}

/** The chunk that ends such a body. */
export const lastChunk = 5;

/** A whole frame; those of a browser are masked, those of a server are not. */
export function frameBytes(payload: number, masked: boolean): number {
  const length = payload < 126 ? 0 : payload < 65_536 ? 2 : 8;
  return 2 + length + (masked ? 4 : 0) + payload;
}

/** A close frame with its code. */
export const closePayload = 2;

/** The answer to a WebSocket's handshake, as this server gives it. */
export const handshakeAnswerBytes = answerHeadBytes(101, "Switching Protocols", [
  ["upgrade", "websocket"],
  ["connection", "Upgrade"],
  // 20 bytes of SHA-1 in base64.
  ["sec-websocket-accept", "=".repeat(28)],
  ["date", "Thu, 01 Jan 1970 00:00:00 GMT"],
]);
