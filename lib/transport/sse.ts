/** Server-Sent Events (HTML Living Standard, section 9.2) as the body of a streamed response. */
import { type Disconnect, disconnects } from "../protocol/disconnects.ts";
import { disconnectBlock, retryMs } from "../protocol/events.ts";
import { defaultMaxBacklog, type Transport } from "./transport.ts";

const encoder = new TextEncoder();

/** Headers that keep proxies and caches from holding a live answer back. */
export const liveHeaders = {
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
} as const;

/**
 * The response and its transport. `closed` is called once, however the stream ended.
 */
export function openEventStream(
  closed: () => void,
  maxBacklog = defaultMaxBacklog,
): { response: Response; transport: Transport<Uint8Array> } {
  const transport = new SseTransport(closed, maxBacklog);
  const headers = { "content-type": "text/event-stream; charset=utf-8", ...liveHeaders };
  transport.send(encoder.encode(`retry: ${retryMs}\n`));
  return { response: new Response(transport.body, { headers }), transport };
}

class SseTransport implements Transport<Uint8Array> {
  readonly name = "sse";
  readonly body: ReadableStream<Uint8Array>;
  readonly #maxBacklog: number;
  readonly #closed: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(closed: () => void, maxBacklog: number) {
    this.#closed = closed;
    this.#maxBacklog = maxBacklog;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => this.#end(),
    }, { highWaterMark: 0, size: (chunk) => chunk.byteLength });
  }

  get backlog(): number {
    return -(this.#controller?.desiredSize ?? 0);
  }

  send(chunk: Uint8Array): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    // What is unread before this chunk, as on a WebSocket.
    if (this.backlog > this.#maxBacklog) return this.close(disconnects.slow);
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
      controller.enqueue(encoder.encode(disconnectBlock(disconnect)));
      controller.close();
    } catch {
      // The runtime has ended the stream by itself, as it does when the server shuts down.
    }
  }

  #end(): void {
    if (this.#controller === undefined) return;
    this.#controller = undefined;
    this.#closed();
  }
}
