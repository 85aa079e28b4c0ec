/** What event streams and long-poll have in common: one request after the other (PROTOCOL.md 3). */
import {
  type Link,
  type LinkContext,
  lost,
  type Opening,
  type Opens,
  type Start,
  type WirePublication,
  type WireStart,
} from "./link.ts";
import type { Down } from "./state.ts";

export abstract class HttpLink implements Link {
  protected readonly context: LinkContext;
  /** Of the channels that have not started. */
  #openings = new Map<string, Opening>();
  readonly #ends = new AbortController();
  readonly #done: Promise<unknown>;
  #request = new AbortController();
  #wanted: readonly Opens[] = [];
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

  /** Another request takes over, from the positions that have been reached. */
  check(): void {
    this.#request.abort();
  }

  async close(): Promise<void> {
    this.#ends.abort();
    this.#request.abort();
    await this.#done;
  }

  /** From the positions that have been reached. @returns the channels to ask for */
  protected begin(): readonly Opens[] {
    this.#wanted = this.context.wanted();
    this.#openings = new Map(this.#wanted.map((one) => [one.channel, one.opening()]));
    return this.#wanted;
  }

  /** The server has said where a channel begins, maybe not for the first time. */
  protected start(channel: string, start: WireStart): void {
    const opening = this.#openings.get(channel) ??
      this.#wanted.find((one) => one.channel === channel)?.opening();
    if (opening === undefined) return;
    this.#openings.set(channel, opening);
    this.#started(channel, opening.begin(start));
  }

  /** A part of a snapshot that has begun. */
  protected page(channel: string, state: readonly WirePublication[], more = false): void {
    this.#started(channel, this.#openings.get(channel)?.page?.(state, more));
  }

  #started(channel: string, start: Start | undefined): void {
    if (start === undefined) return;
    this.#openings.delete(channel);
    this.context.started(channel, start);
  }

  /** @returns whether all channels have started. */
  protected up(): boolean {
    const isWhole = this.#openings.size === 0;
    if (isWhole && !this.#isUp) {
      this.#isUp = true;
      this.context.up();
    }
    return isWhole;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    // What is constructed after this class is there by then.
    await undefined;
    while (!this.#ends.signal.aborted) {
      const { signal } = this.#request = new AbortController();
      const why = await this.request(signal).catch(lost);
      if (why !== undefined && !signal.aborted) this.context.down(why);
    }
  }
}
