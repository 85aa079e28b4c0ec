/**
 * Server-Sent Events (PROTOCOL.md 3.1), read through `fetch`: unlike EventSource it sends the token
 * in a header, which no log keeps, and shows why the server refused.
 */
import { areSame, askTime, judge, positionOf, requestEvents, type WireStart } from "./http.ts";
import {
  downBy,
  type Link,
  type LinkContext,
  lost,
  silent,
  type Wanted,
  type WirePublication,
} from "./link.ts";
import { type ServerEvent, SseParser } from "./sse_parser.ts";
import type { Down } from "./state.ts";
import { Watchdog } from "./watchdog.ts";

/** How soon after its start the server is to send its probe. */
const probeAfterMs = 1_000;

export function openSse(context: LinkContext): Link {
  return new SseLink(context);
}

class SseLink implements Link {
  readonly #context: LinkContext;
  readonly #watchdog: Watchdog;
  readonly #silenceMs: number;
  #request: StreamRequest;
  #left: Promise<unknown> = Promise.resolve();
  #channels: readonly Wanted[] = [];
  #changing = false;
  #isUp = false;
  #over = false;

  constructor(context: LinkContext) {
    this.#context = context;
    this.#silenceMs = context.heartbeat * 1_500;
    this.#watchdog = new Watchdog(
      context.timing.openMs,
      () => this.#end(silent),
    );
    this.#request = this.#open();
  }

  update(): void {
    // Once for all that change together.
    if (this.#changing) return;
    this.#changing = true;
    queueMicrotask(() => {
      this.#changing = false;
      if (!this.#over && !areSame(this.#channels, this.#context.wanted())) this.#reopen();
    });
  }

  check(): void {
    this.#reopen();
  }

  async close(): Promise<void> {
    this.#over = true;
    this.#watchdog.stop();
    await Promise.all([this.#left, this.#request.close()]);
  }

  /** It goes on from the positions that have been reached. */
  #reopen(): void {
    this.#left = Promise.all([this.#left, this.#request.close()]);
    this.#watchdog.heard(this.#context.timing.openMs);
    this.#request = this.#open();
  }

  #open(): StreamRequest {
    this.#channels = this.#context.wanted();
    return new StreamRequest(this.#context, {
      heard: () => this.#watchdog.heard(),
      up: () => {
        this.#watchdog.heard(this.#silenceMs);
        if (this.#isUp) return;
        this.#isUp = true;
        this.#context.up();
      },
      again: () => this.#over || this.#reopen(),
      down: (why) => this.#end(why),
    });
  }

  #end(why: Down): void {
    if (this.#over) return;
    this.close();
    this.#context.down(why);
  }
}

interface RequestEvents {
  heard(): void;
  /** All channels have started. */
  up(): void;
  /** One channel has been refused: another request may do. */
  again(): void;
  down(why: Down): void;
}

/** One request, with its own list of channels. Nothing comes after its end. */
class StreamRequest {
  readonly #context: LinkContext;
  readonly #events: RequestEvents;
  readonly #abort = new AbortController();
  readonly #sentAt = Date.now();
  readonly #done: Promise<unknown>;
  /** Of state channels whose snapshot is coming. */
  readonly #starting = new Map<string, { start: WireStart; entries: WirePublication[] }>();
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #probe: ReturnType<typeof setTimeout> | undefined;
  #asking: Promise<void> | undefined;
  #over = false;

  constructor(context: LinkContext, events: RequestEvents) {
    this.#context = context;
    this.#events = events;
    this.#done = this.#run().then(
      (why) => this.#end(why),
      (error) => this.#end(lost(error)),
    );
  }

  close(): Promise<unknown> {
    this.#over = true;
    clearTimeout(this.#probe);
    this.#abort.abort();
    // The signal does not reach a body whose response was collected as garbage (seen in Deno).
    this.#reader?.cancel().catch(() => {});
    return Promise.all([this.#done, this.#asking]);
  }

  /** Reads to the end; why it ended, undefined where another request may do. */
  async #run(): Promise<Down | undefined> {
    const accept = "text/event-stream";
    const query = { probe: `${probeAfterMs}` };
    const response = await requestEvents(this.#context, accept, query, this.#abort.signal);
    const isStream = response.headers.get("content-type")?.startsWith(accept);
    if (response.status !== 200 || !isStream || response.body === null) {
      return await judge(this.#context, response);
    }
    const parser = new SseParser((event) => this.#over || this.#take(event));
    const decoder = new TextDecoder();
    // Not `for await`: browsers came to it late.
    const reader = this.#reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (this.#over) break;
      this.#events.heard();
      this.#context.counted(part.value.length, 0);
      parser.push(decoder.decode(part.value, { stream: true }));
    }
    return lost("the event stream has ended");
  }

  #take({ type, data }: ServerEvent): void {
    if (type === "probe") return clearTimeout(this.#probe);
    const event = JSON.parse(data);
    if (type === "message") this.#context.published(event.channel, event.pub);
    else if (type === "subscribed") this.#subscribed(event);
    else if (type === "state") this.#page(event);
    else if (type === "disconnect") this.#end(downBy(event.code, event.reason));
  }

  #subscribed({ channels, time }: { channels: Record<string, WireStart>; time: number }): void {
    const { clock, wanted, timing, started } = this.#context;
    const keyed = new Set(wanted().filter((one) => one.keyed).map(({ channel }) => channel));
    for (const [channel, start] of Object.entries(channels)) {
      const { recovered } = start;
      if (keyed.has(channel) && !recovered) this.#starting.set(channel, { start, entries: [] });
      else {
        const position = positionOf(start);
        started(channel, { position, ...(recovered !== undefined && { recovered }) });
      }
    }
    // Later ones tell of a single channel that was lost.
    if (this.#asking === undefined) {
      clock(this.#sentAt, time);
      this.#asking = askTime(this.#context, this.#abort.signal);
      // A proxy that gathers what passes through holds back the probe, too.
      this.#probe = setTimeout(
        () => this.#end(lost("the event stream is held back")),
        probeAfterMs + timing.probeMs,
      );
    }
    this.#up();
  }

  #page({ channel, state, more }: {
    readonly channel: string;
    readonly state: readonly WirePublication[];
    readonly more: boolean;
  }): void {
    const { start, entries } = this.#starting.get(channel) ?? { start: {}, entries: [] };
    entries.push(...state);
    if (more) return;
    this.#starting.delete(channel);
    this.#context.started(channel, { position: positionOf(start), entries });
    this.#up();
  }

  #up(): void {
    if (this.#starting.size === 0 && !this.#over) this.#events.up();
  }

  #end(why: Down | undefined): void {
    if (this.#over) return;
    this.close();
    if (why === undefined) this.#events.again();
    else this.#events.down(why);
  }
}
