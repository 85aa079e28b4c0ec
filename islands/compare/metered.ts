/// <reference lib="dom" />
/** `fetch` and `WebSocket` that count what goes over them, for one way. */
import type { FetchInit } from "../../lib/client/mod.ts";
import type { Traffic } from "./traffic.ts";
import type { Way } from "./ways.ts";
import {
  chunkFraming,
  closePayload,
  frameBytes,
  handshakeAnswerBytes,
  lastChunk,
  textBytes,
} from "./wire.ts";
import type { Bodies } from "./bodies.ts";
import { type Heads, visibleHeaderBytes } from "./heads.ts";

export interface Meters {
  readonly way: Way;
  readonly traffic: Traffic;
  readonly heads: Heads;
  readonly bodies: Bodies;
}

/** Milliseconds since the page was opened. */
const now = () => performance.now();

export type MeteredFetch = (url: URL, init: FetchInit) => Promise<Response>;

export function meteredFetch({ way, traffic, heads, bodies }: Meters): MeteredFetch {
  return async (url, init) => {
    const { body = "" } = init;
    const startedAt = now();
    const head = heads.of(url, init);
    traffic.requested(startedAt, textBytes(body));
    head.then((bytes) => traffic.sentMore(bytes), () => {});
    // Not sent along; a browser's network tools show whose request it is.
    const marked = new URL(url);
    marked.hash = way;
    const response = await fetch(marked, init);
    traffic.received(now(), visibleHeaderBytes(response));
    return counted(response, traffic, (bytes) => bodies.ended(url, startedAt, bytes, traffic));
  };
}

/** @param ended told how many bytes the body had */
function counted(response: Response, traffic: Traffic, ended: (bytes: number) => void): Response {
  const { status, statusText, headers, body } = response;
  // An answer of these has none, but a browser may give an empty stream.
  if (body === null || status === 304 || status === 204) {
    ended(0);
    return response;
  }
  const isChunked = !headers.has("content-length");
  let total = 0;
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      total += chunk.length;
      traffic.received(now(), chunk.length + (isChunked ? chunkFraming(chunk.length) : 0));
      controller.enqueue(chunk);
    },
    flush() {
      if (isChunked) traffic.received(now(), lastChunk);
      ended(total);
    },
  });
  return new Response(body.pipeThrough(count), { status, statusText, headers });
}

/** Frames as they are on the wire; browsers compress none where the server does not offer it. */
export function meteredWebSocket({ traffic, heads }: Meters) {
  return class extends WebSocket {
    constructor(url: URL) {
      super(url);
      traffic.requested(now(), 0);
      heads.ofHandshake(url).then((bytes) => traffic.sentMore(bytes), () => {});
      this.addEventListener("open", () => traffic.received(now(), handshakeAnswerBytes));
      this.addEventListener("message", ({ data }) => {
        traffic.received(now(), frameBytes(textBytes(String(data)), false));
      });
      this.addEventListener("close", ({ wasClean }) => {
        if (wasClean) traffic.received(now(), frameBytes(closePayload, false));
      });
    }

    override send(text: string): void {
      traffic.sent(now(), frameBytes(textBytes(text), true));
      super.send(text);
    }
  };
}
