/**
 * Gathers what is sent to one client and writes it at most once in so many milliseconds, so that the
 * radio of a phone wakes up less often.
 *
 *     opening ──first chunk──▶ idle ──chunk──▶ gathering
 *                               ▲                 │
 *                               └─────written─────┘      any ──end──▶ ended
 *
 * The first chunk, what the client waits for before anything else, is not held back, nor is what is
 * urgent. Order is kept.
 */
import type { Disconnect } from "../protocol/disconnects.ts";
import type { Grid, Woken } from "./grid.ts";
import type { Transport } from "./transport.ts";

/** Milliseconds between writes that a client may ask for. */
export const batchRange = { least: 10, most: 1_000 };

/** UTF-16 units, or bytes, that are gathered at most: with more it is written before its time. */
const maxGathered = 64 * 1024;

export interface BatchedOptions<Chunk> {
  readonly windowMs: number;
  readonly grid: Grid;
  /** One chunk of several. */
  readonly join: (chunks: readonly Chunk[]) => Chunk;
  /** What the client waits for: it is written at once, behind what was gathered. Absent: nothing. */
  readonly isUrgent?: (chunk: Chunk) => boolean;
}

export class BatchedTransport<Chunk extends { readonly length: number }>
  implements Transport<Chunk>, Woken {
  readonly #inner: Transport<Chunk>;
  readonly #options: BatchedOptions<Chunk>;
  #state: "opening" | "idle" | "gathering" | "ended" = "opening";
  #gathered: Chunk[] = [];
  #length = 0;

  constructor(inner: Transport<Chunk>, options: BatchedOptions<Chunk>) {
    this.#inner = inner;
    this.#options = options;
  }

  get name(): Transport<Chunk>["name"] {
    return this.#inner.name;
  }

  /**
   * What is held back is left out: it says nothing of the reader, and flushes to others would wait for
   * it. It is little, and comes under the limit as soon as it is written.
   */
  get backlog(): number {
    return this.#inner.backlog;
  }

  send(chunk: Chunk): void {
    const isUrgent = this.#state === "opening" || this.#options.isUrgent?.(chunk) === true;
    switch (this.#state) {
      case "ended":
        return;
      case "opening":
      case "idle":
        this.#state = "idle";
        if (isUrgent) return this.#inner.send(chunk);
        this.#state = "gathering";
        this.#options.grid.add(this.#options.windowMs, this);
        break;
      case "gathering":
        break;
    }
    this.#gathered.push(chunk);
    this.#length += chunk.length;
    if (this.#length < maxGathered && !isUrgent) return;
    this.#options.grid.delete(this.#options.windowMs, this);
    this.wake();
  }

  /** Writes what was gathered. */
  wake(): void {
    if (this.#state !== "gathering") return;
    this.#state = "idle";
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#length = 0;
    const [first] = gathered;
    if (first === undefined) return;
    this.#inner.send(gathered.length === 1 ? first : this.#options.join(gathered));
  }

  close(disconnect: Disconnect): void {
    this.#options.grid.delete(this.#options.windowMs, this);
    this.wake();
    this.stop();
    this.#inner.close(disconnect);
  }

  /** The connection has ended: due when the inner transport has told its owner so. */
  stop(): void {
    this.#options.grid.delete(this.#options.windowMs, this);
    this.#state = "ended";
    this.#gathered = [];
  }
}

export function joinTexts(texts: readonly string[]): string {
  return texts.join("\n");
}

export function joinBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.byteLength;
  }
  return joined;
}
