/** As much of HTTP/1.1 as the clients need. */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Connection } from "./connection.ts";

export interface Head {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

export async function readHead(connection: Connection): Promise<Head> {
  const status = Number((await connection.line()).split(" ")[1]);
  const headers = new Map<string, string>();
  for (let line = await connection.line(); line !== ""; line = await connection.line()) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status, headers };
}

/** The whole body, decompressed. It holds until the connection is read again. */
export async function readBody(connection: Connection, { headers }: Head): Promise<Uint8Array> {
  const body = headers.get("transfer-encoding") === "chunked"
    ? joined(await Array.fromAsync(chunks(connection), (chunk) => chunk.slice()))
    : await connection.take(Number(headers.get("content-length") ?? 0));
  switch (headers.get("content-encoding")) {
    case "br":
      return brotliDecompressSync(body);
    case "gzip":
      return gunzipSync(body);
    default:
      return body;
  }
}

/** Each holds until the next one is asked for. */
export async function* chunks(connection: Connection): AsyncGenerator<Uint8Array> {
  while (true) {
    const length = parseInt(await connection.line(), 16);
    if (length > 0) yield await connection.take(length);
    await connection.line();
    if (length === 0) return;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
