/**
 * The port to one client's way down. `Chunk` is what it writes: text frames on a WebSocket, bytes
 * on an event stream.
 */
import type { Disconnect } from "../protocol/disconnects.ts";

export type TransportName = "websocket" | "sse" | "long_poll";
/** Those of other protocols' clients, too. */
export type ServedTransport = TransportName | "http_stream";

export interface Transport<Chunk> {
  readonly name: ServedTransport;
  /** Bytes given to `send` and not yet written. */
  readonly backlog: number;
  /**
   * Queues a chunk; never waits, never throws. A client that has more than the limit still unread is
   * closed with 3008 instead. After the end it does nothing.
   */
  send(chunk: Chunk): void;
  /** Ends it, once; its owner is told through the callback it gave at the start. */
  close(disconnect: Disconnect): void;
}

/** Bytes a client may leave unread before it counts as slow. */
export const defaultMaxBacklog = 1024 * 1024;

/**
 * Resolves true when at most `maxBytes` are waiting; false when that took longer than `deadlineMs`
 * or `open` said no. Looks now and then: no platform tells when a socket has drained.
 */
export async function drained(
  transport: { readonly backlog: number },
  maxBytes: number,
  deadlineMs: number,
  open: () => boolean,
): Promise<boolean> {
  const started = performance.now();
  while (open()) {
    if (transport.backlog <= maxBytes) return true;
    if (performance.now() - started > deadlineMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}
