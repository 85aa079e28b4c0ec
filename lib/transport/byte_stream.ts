/** The body of a streamed response as a client's way down. */
import { type Disconnect, disconnects } from "../protocol/disconnects.ts";
import type { ServedTransport, Transport } from "./transport.ts";

const encoder = new TextEncoder();

/** Headers that keep proxies and caches from holding a live answer back. */
export const liveHeaders = {
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
} as const;

export interface ByteStreamOptions {
  readonly name: ServedTransport;
  readonly maxBacklog: number;
  /** What the body ends with, unless its client reads nothing. */
  readonly farewell: (disconnect: Disconnect) => string;
  /** Called once, however the stream ended. */
  readonly closed: () => void;
}

export class ByteStream implements Transport<Uint8Array> {
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: ByteStreamOptions;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(options: ByteStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => this.#end(),
    }, { highWaterMark: 0, size: (chunk) => chunk.byteLength });
  }

  get name(): ServedTransport {
    return this.#options.name;
  }

  get backlog(): number {
    return -(this.#controller?.desiredSize ?? 0);
  }

  send(chunk: Uint8Array): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    // What is unread before this chunk, as on a WebSocket.
    if (this.backlog > this.#options.maxBacklog) return this.close(disconnects.slow);
    try {
      controller.enqueue(chunk);
    } catch {
      // As in `close`: there is nobody left to be told.
      this.#end();
    }
  }

  close(disconnect: Disconnect): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    this.#end();
    if (disconnect.code === disconnects.slow.code) {
      // It reads nothing, so it would not read why; what is queued for it is dropped.
      controller.error(new Error(disconnect.reason));
      return;
    }
    try {
      controller.enqueue(encoder.encode(this.#options.farewell(disconnect)));
      controller.close();
    } catch {
      // The runtime has ended the stream by itself, as it does when the server shuts down.
    }
  }

  #end(): void {
    if (this.#controller === undefined) return;
    this.#controller = undefined;
    this.#options.closed();
  }
}
