/**
 * Server-Sent Events (PROTOCOL.md 3.1), read through `fetch`: unlike EventSource it sends the token
 * in a header, which no log keeps, and shows why the server refused.
 */
import { askTime, downByAnswer, requestEvents, tellStart, type WireStart } from "./http.ts";
import { downBy, type Link, type LinkContext, type WirePublication } from "./link.ts";
import { type ServerEvent, SseParser } from "./sse_parser.ts";
import type { Down } from "./state.ts";
import { Watchdog } from "./watchdog.ts";

export function openSse(context: LinkContext): Link {
  return new SseLink(context);
}

class SseLink implements Link {
  readonly #context: LinkContext;
  readonly #abort = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #done: Promise<void>;
  readonly #sentAt = Date.now();
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #watchdog: Watchdog | undefined;
  #asking: Promise<void> | undefined;
  #over = false;

  constructor(context: LinkContext) {
    this.#context = context;
    this.#timer = setTimeout(
      () => this.#end({ kind: "lost", reason: "no event stream in time" }),
      context.timing.eventsMs,
    );
    this.#done = this.#run().then(
      (why) => this.#end(why),
      (error) => this.#end({ kind: "lost", reason: String(error) }),
    );
  }

  close(): Promise<void> {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#watchdog?.stop();
    this.#abort.abort();
    // The signal does not reach a body whose response was collected as garbage (seen in Deno).
    this.#reader?.cancel().catch(() => {});
    return Promise.all([this.#done, this.#asking]).then(() => {});
  }

  /** Reads to the end; why it ended. */
  async #run(): Promise<Down> {
    const accept = "text/event-stream";
    const response = await requestEvents(this.#context, { accept }, this.#abort.signal);
    const isStream = response.headers.get("content-type")?.startsWith(accept);
    if (response.status !== 200 || !isStream || response.body === null) {
      return await downByAnswer(response);
    }
    const parser = new SseParser((event) => this.#over || this.#take(event));
    const decoder = new TextDecoder();
    // Not `for await`: browsers came to it late.
    const reader = this.#reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      this.#watchdog?.heard();
      parser.push(decoder.decode(part.value, { stream: true }));
    }
    return { kind: "lost", reason: "the event stream has ended" };
  }

  #take({ type, data }: ServerEvent): void {
    switch (type) {
      case "subscribed":
        return this.#subscribed(JSON.parse(data));
      case "state": {
        const { channel, state, more } = JSON.parse(data) as {
          channel: string;
          state: readonly WirePublication[];
          more: boolean;
        };
        return this.#context.page(channel, state, more);
      }
      case "message": {
        const { channel, pub } = JSON.parse(data) as { channel: string; pub: WirePublication };
        return this.#context.published(channel, pub);
      }
      case "disconnect": {
        const { code, reason } = JSON.parse(data) as { code: number; reason: string };
        return this.#end(downBy(code, reason));
      }
    }
  }

  #subscribed({ channels, time }: { channels: Record<string, WireStart>; time: number }): void {
    const { clock, up, timing } = this.#context;
    for (const [channel, start] of Object.entries(channels)) {
      tellStart(this.#context, channel, start);
    }
    // Later ones tell of a single channel that was lost.
    if (this.#watchdog !== undefined) return;
    clearTimeout(this.#timer);
    this.#watchdog = new Watchdog(
      timing.silenceMs,
      () => this.#end({ kind: "lost", reason: "the event stream is silent" }),
    );
    clock(this.#sentAt, time);
    this.#asking = askTime(this.#context, this.#abort.signal);
    up();
  }

  #end(why: Down): void {
    if (this.#over) return;
    this.close();
    this.#context.down(why);
  }
}
