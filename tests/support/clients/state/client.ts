/** Bare clients that keep mirrors of state channels, over one interface, one file for each transport. */
import type { TransportName } from "../../../../lib/transport/transport.ts";
import type { End } from "../client.ts";
import { within } from "../eventually.ts";
import {
  type KeyedPub,
  StateMirror,
  type StateStart,
  type StateStarts,
  takeStart,
} from "../state_mirror.ts";

export interface StateOptions {
  /** State channels. */
  readonly channels: readonly string[];
  /** Channels without state, besides. */
  readonly plain?: readonly string[];
  /** As in a URL. */
  readonly filter?: string;
  /** Updates a second. */
  readonly maxRate?: number;
  readonly token?: string;
  /** Goes on with what another one had when it ended. */
  readonly after?: StateClient;
  /** By which `/v1/events` is told where to go on: its cursor where there is one, or positions. */
  readonly by?: "cursor" | "position";
  /** Breaks off after so many pages of state, or answers that have some. */
  readonly pages?: number;
}

export type OpenStateClient = (url: string, options: StateOptions) => Promise<StateClient>;

export abstract class StateClient implements AsyncDisposable {
  abstract readonly transport: TransportName;
  readonly mirrors: ReadonlyMap<string, StateMirror>;
  /** How each channel was said to go on, in order. */
  readonly starts: { readonly channel: string; readonly recovered: boolean | undefined }[] = [];
  /** What came after the state, of plain channels too. */
  readonly changes: (KeyedPub & { readonly channel: string })[] = [];
  /** Pages of state. */
  pages = 0;
  /** Of `/v1/events`, if that was what it used last. */
  cursor = "";
  readonly #channels: readonly string[];
  readonly #maxPages: number;
  readonly #ended = Promise.withResolvers<End>();
  #end: End | undefined;
  #fault: unknown;
  #waiting: (() => void)[] = [];

  constructor({ channels, after, pages = Infinity }: StateOptions) {
    this.#channels = channels;
    this.#maxPages = pages;
    this.mirrors = after?.mirrors ?? new Map(channels.map((one) => [one, new StateMirror()]));
    this.cursor = after?.cursor ?? "";
  }

  get closed(): Promise<End> {
    return this.#ended.promise;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  get isWhole(): boolean {
    return [...this.mirrors.values()].every(({ whole }) => whole);
  }

  mirror(channel = this.#channels[0] ?? ""): StateMirror {
    const found = this.mirrors.get(channel);
    if (found === undefined) throw new Error(`told of ${channel}, which was not asked for`);
    return found;
  }

  /** Resolves when it is so. @throws when it takes too long, when the client fails or has ended. */
  async until(met: () => boolean, what: string): Promise<void> {
    const seen = async () => {
      while (!met()) {
        if (this.#fault !== undefined) throw this.#fault;
        if (this.#end !== undefined) throw new Error(`ended: ${JSON.stringify(this.#end)}`);
        await new Promise<void>((wake) => this.#waiting.push(wake));
      }
    };
    await within(seen(), `${this.transport}: ${what}`);
  }

  /** Resolves when it has the state, or has broken off as it was to. */
  async opened(): Promise<this> {
    try {
      await this.until(() => this.isOver || this.isWhole && this.starts.length > 0, "the state");
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
    if (this.#fault !== undefined) throw this.#fault;
    return this;
  }

  abstract [Symbol.asyncDispose](): Promise<void>;

  /** What was read makes a change; what it throws is thrown to whoever waits. */
  protected take(change: () => void): void {
    if (this.isOver) return;
    try {
      change();
    } catch (error) {
      this.fail(error);
    }
    this.#wake();
  }

  protected fail(error: unknown): void {
    this.#fault ??= error;
    this.#wake();
  }

  /** Only the first time counts. */
  protected end(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#ended.resolve(end);
    this.#wake();
  }

  protected begun(channels: StateStarts): void {
    for (const [channel, start] of Object.entries(channels)) this.#start(channel, start);
  }

  protected page(channel: string, state: readonly KeyedPub[], more: boolean): void {
    this.mirror(channel).page(state, more);
    if (++this.pages >= this.#maxPages) this.breakOff();
  }

  protected change(channel: string, pub: KeyedPub): void {
    const mirror = this.mirrors.get(channel);
    if (pub.key !== undefined) mirror?.change(pub);
    this.changes.push({ channel, ...pub });
  }

  /** Nothing more is taken in. */
  protected breakOff(): void {
    this.end({ code: 1000, reason: "broken off" });
  }

  #start(channel: string, start: StateStart): void {
    this.starts.push({ channel, recovered: start.recovered });
    const mirror = this.mirrors.get(channel);
    // A plain channel has none.
    if (mirror !== undefined) takeStart(mirror, start);
    if (start.state !== undefined && ++this.pages >= this.#maxPages) this.breakOff();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
