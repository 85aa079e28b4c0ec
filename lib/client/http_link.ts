/** What event streams and long-poll have in common: one request after the other (PROTOCOL.md 3). */
import type { WireStart } from "./http.ts";
import { type Link, type LinkContext, lost, type Wanted, type WirePublication } from "./link.ts";
import type { Down } from "./state.ts";

export abstract class HttpLink implements Link {
  protected readonly context: LinkContext;
  /** Of state channels whose snapshot is coming. */
  readonly #starting = new Map<string, { start: WireStart; entries: WirePublication[] }>();
  readonly #ends = new AbortController();
  readonly #done: Promise<unknown>;
  #request = new AbortController();
  #wanted: readonly Wanted[] = [];
  #why: Down | undefined;
  #isUp = false;

  constructor(context: LinkContext) {
    this.context = context;
    this.#done = this.#run();
  }

  /** Makes one request and gives what comes to the client. @returns undefined: another one follows. */
  protected abstract request(signal: AbortSignal): Promise<Down | undefined>;

  update(): void {
    // Once for all that change together.
    queueMicrotask(() => {
      const wanted = this.context.wanted();
      // One that was left and wanted anew is another: it starts again.
      const isSame = wanted.length === this.#wanted.length &&
        wanted.every((one, i) => one === this.#wanted[i]);
      if (!isSame) this.check();
    });
  }

  check(): void {
    this.restart();
  }

  async close(): Promise<void> {
    this.#ends.abort();
    this.#request.abort();
    await this.#done;
  }

  /** Another request takes over, from the positions that have been reached. */
  protected restart(): void {
    this.#starting.clear();
    this.#request.abort();
  }

  protected fail(why: Down): void {
    this.#why ??= why;
    this.#request.abort();
  }

  /** The server has said where a channel begins. */
  protected start(channel: string, start: WireStart, isSnapshot: boolean): void {
    if (isSnapshot) return void this.#starting.set(channel, { start, entries: [] });
    const { recovered } = start;
    const position = positionOf(start);
    this.context.started(channel, { position, ...(recovered !== undefined && { recovered }) });
  }

  /** A part of a snapshot that has begun. */
  protected page(channel: string, state: readonly WirePublication[], more = false): void {
    const begun = this.#starting.get(channel);
    begun?.entries.push(...state);
    if (more || begun === undefined) return;
    this.#starting.delete(channel);
    this.context.started(channel, { position: positionOf(begun.start), entries: begun.entries });
  }

  /** @returns whether all channels have started. */
  protected up(): boolean {
    const isWhole = this.#starting.size === 0;
    if (isWhole && !this.#isUp) {
      this.#isUp = true;
      this.context.up();
    }
    return isWhole;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { signal } = this.#ends;
    // What is constructed after this class is there by then.
    await undefined;
    while (this.#why === undefined && !signal.aborted) {
      this.#request = new AbortController();
      this.#wanted = this.context.wanted();
      try {
        this.#why = await this.request(this.#request.signal) ?? this.#why;
      } catch (error) {
        if (!this.#request.signal.aborted) this.#why = lost(error);
      }
    }
    const isClosed = signal.aborted;
    this.#ends.abort();
    if (!isClosed && this.#why !== undefined) this.context.down(this.#why);
  }
}

export function positionOf({ epoch, offset = 0 }: WireStart) {
  return epoch === undefined ? null : { epoch, offset };
}
