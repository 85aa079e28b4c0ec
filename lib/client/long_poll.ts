/** Long-poll (PROTOCOL.md 3.2): one request after the other, each from where the last one ended. */
import {
  areSame,
  askTime,
  downByAnswer,
  judge,
  positionOf,
  requestEvents,
  type WireStart,
} from "./http.ts";
import { type Link, type LinkContext, lost, type Wanted, type WirePublication } from "./link.ts";
import type { Down } from "./state.ts";

interface Answer {
  readonly cursor: string;
  readonly channels?: Readonly<Record<string, WireStart & StatePart>>;
  readonly messages: readonly { readonly channel: string; readonly pub: WirePublication }[];
}

/** Of a state channel's snapshot. */
interface StatePart {
  readonly state?: readonly WirePublication[];
  readonly more?: boolean;
}

/** A request that was cut while it waited shows how long one may wait there, if not less than this. */
const leastMs = 2_000;

export function openLongPoll(context: LinkContext): Link {
  return new LongPollLink(context);
}

class LongPollLink implements Link {
  readonly #context: LinkContext;
  readonly #done: Promise<void>;
  /** Of the request under way. */
  #abort = new AbortController();
  /** Snapshots that go on in the next answer. */
  readonly #starting = new Map<string, { start: WireStart; entries: WirePublication[] }>();
  /** undefined: the next request goes on from the positions that have been reached. */
  #cursor: string | undefined;
  #channels: readonly Wanted[] = [];
  #waitMs: number;
  #state: "opening" | "up" | "over" = "opening";

  constructor(context: LinkContext) {
    this.#context = context;
    this.#waitMs = context.timing.pollMs;
    this.#done = this.#run().then(
      (why) => this.#end(why),
      (error) => this.#end(lost(error)),
    );
  }

  update(): void {
    queueMicrotask(() => {
      if (!areSame(this.#channels, this.#context.wanted())) this.check();
    });
  }

  /** Begins another request. */
  check(): void {
    this.#cursor = undefined;
    if (this.#state === "up") this.#abort.abort();
  }

  close(): Promise<void> {
    this.#state = "over";
    this.#abort.abort();
    return this.#done;
  }

  /** Polls until it fails; why it did. */
  async #run(): Promise<Down> {
    // The first is answered at once and shows that there is a way.
    let waitMs = 0;
    const asking = new AbortController();
    let asked: Promise<void> | undefined;
    try {
      for (;;) {
        const why = await this.#poll(waitMs);
        if (why !== undefined) return why;
        if (this.#state === "over") return lost("closed");
        const isWhole = this.#starting.size === 0 && this.#cursor !== undefined;
        waitMs = isWhole ? this.#waitMs : 0;
        if (!isWhole || this.#state === "up") continue;
        this.#state = "up";
        asked = askTime(this.#context, asking.signal);
        this.#context.up();
      }
    } finally {
      asking.abort();
      await asked;
    }
  }

  async #poll(waitMs: number): Promise<Down | undefined> {
    const { openMs } = this.#context.timing;
    const abort = this.#abort = new AbortController();
    if (this.#state === "over") abort.abort();
    const timer = setTimeout(() => this.#end(lost("no answer in time")), waitMs + openMs);
    const startedAt = Date.now();
    try {
      return await this.#ask(waitMs, abort.signal);
    } catch (error) {
      // Other channels are wanted: asked again.
      if (abort.signal.aborted && this.#state !== "over") return undefined;
      return this.#cutAfter(Date.now() - startedAt, waitMs, lost(error));
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(waitMs: number, signal: AbortSignal): Promise<Down | undefined> {
    const accept = "application/json";
    const channels = this.#context.wanted();
    if (!areSame(channels, this.#channels)) this.#cursor = undefined;
    if (this.#cursor === undefined) this.#starting.clear();
    this.#channels = channels;
    const query = { cursor: this.#cursor, wait: `${waitMs / 1_000}` };
    const since = this.#cursor === undefined ? channels : [];
    const startedAt = Date.now();
    const response = await requestEvents(this.#context, accept, query, signal);
    if (response.status === 200 && response.headers.get("content-type")?.startsWith(accept)) {
      const text = await response.text();
      this.#context.counted(text.length, 0);
      if (!signal.aborted) this.#take(JSON.parse(text), since);
      return undefined;
    }
    // Another version of the server may not know this one's cursors; it knows positions.
    if (response.status === 400 && this.#cursor !== undefined) {
      await response.body?.cancel();
      return lost("the cursor was refused");
    }
    if (response.status < 500) return await judge(this.#context, response);
    const { why } = await downByAnswer(response);
    return this.#cutAfter(Date.now() - startedAt, waitMs, why);
  }

  /** A proxy may cut what it thinks idle: the next requests wait less. */
  #cutAfter(ms: number, waitMs: number, why: Down): Down | undefined {
    if (ms < leastMs || waitMs === 0) return why;
    this.#waitMs = Math.min(waitMs, Math.max(leastMs, ms * 0.8)) | 0;
    // Asked at once and without waiting, the next one shows whether there still is a way.
    this.#cursor = undefined;
    return undefined;
  }

  /** @param since what was asked for, where it was by positions. */
  #take({ cursor, channels = {}, messages }: Answer, since: readonly Wanted[]): void {
    this.#cursor = cursor;
    for (const { channel, position = null } of since) {
      // It goes on from there.
      if (!(channel in channels)) this.#context.started(channel, { position, recovered: true });
    }
    for (const [channel, start] of Object.entries(channels)) this.#start(channel, start);
    for (const { channel, pub } of messages) {
      if (this.#state !== "over") this.#context.published(channel, pub);
    }
  }

  #start(channel: string, { state, more, ...start }: WireStart & StatePart): void {
    const { recovered } = start;
    if (state === undefined) {
      const told = { position: positionOf(start), ...(recovered !== undefined && { recovered }) };
      return this.#context.started(channel, told);
    }
    const before = recovered ? this.#starting.get(channel) : undefined;
    const begun = before ?? { start, entries: [] };
    begun.entries.push(...state);
    if (more) return void this.#starting.set(channel, begun);
    this.#starting.delete(channel);
    const { entries } = begun;
    this.#context.started(channel, { position: positionOf(start), entries });
  }

  #end(why: Down): void {
    if (this.#state === "over") return;
    this.close();
    this.#context.down(why);
  }
}
