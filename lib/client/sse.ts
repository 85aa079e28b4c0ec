/**
 * Server-Sent Events (PROTOCOL.md 3.1), read through `fetch`: unlike EventSource it sends the token
 * in a header, which no log keeps, and shows why the server refused.
 */
import { judge, requestEvents, type WireStart } from "./http.ts";
import { HttpLink } from "./http_link.ts";
import { downBy, type Link, type LinkContext, lost, silent } from "./link.ts";
import { type ServerEvent, SseParser } from "./sse_parser.ts";
import type { Down } from "./state.ts";
import { Watchdog } from "./watchdog.ts";

/** How soon after its start the server is to send its probe. */
const probeAfterMs = 1_000;
const heldBack = lost("the stream is held back");

export function openSse(context: LinkContext): Link {
  return new SseLink(context);
}

class SseLink extends HttpLink {
  #watchdog: Watchdog | undefined;
  #probe: ReturnType<typeof setTimeout> | undefined;
  #startedAt = 0;

  /** Reads to the end of the stream. */
  protected override async request(signal: AbortSignal): Promise<Down | undefined> {
    const { context } = this;
    const keyed = new Set(context.wanted().flatMap((one) => one.keyed ? one.channel : []));
    const watchdog = this.#watchdog = new Watchdog(
      context.timing.openMs,
      () => this.fail(silent),
    );
    try {
      const accept = "text/event-stream";
      const response = await requestEvents(context, accept, { probe: `${probeAfterMs}` }, signal);
      const { headers, status, body } = response;
      if (status !== 200 || !headers.get("content-type")?.startsWith(accept) || body === null) {
        return await judge(context, response);
      }
      const parser = new SseParser((event) => signal.aborted || this.#take(event, keyed));
      const decoder = new TextDecoder();
      // Not `for await`: browsers came to it late.
      const reader = body.getReader();
      // The signal does not reach a body whose response was collected as garbage (seen in Deno).
      signal.addEventListener("abort", () => reader.cancel().catch(() => {}));
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        watchdog.heard();
        context.counted(part.value.length, 0);
        parser.push(decoder.decode(part.value, { stream: true }));
      }
      return signal.aborted ? undefined : lost("the stream has ended");
    } finally {
      watchdog.stop();
      clearTimeout(this.#probe);
      this.#probe = undefined;
    }
  }

  #take({ type, data }: ServerEvent, keyed: ReadonlySet<string>): void {
    if (type === "probe") {
      clearTimeout(this.#probe);
      // It came along with the start, which had to wait for it.
      if (Date.now() - this.#startedAt < probeAfterMs / 2) this.fail(heldBack);
      return;
    }
    const event = JSON.parse(data);
    const { channel } = event;
    if (type === "message") this.context.published(channel, event.pub);
    else if (type === "disconnect") this.fail(downBy(event.code, event.reason));
    else if (type === "state") this.page(channel, event.state, event.more);
    else if (type === "subscribed") {
      for (const [name, start] of Object.entries<WireStart>(event.channels)) {
        this.start(name, start, keyed.has(name) && !start.recovered);
      }
      // A proxy that gathers what passes through holds back the probe, too.
      if (this.#probe === undefined) {
        this.#startedAt = Date.now();
        const ms = probeAfterMs + this.context.timing.probeMs;
        this.#probe = setTimeout(() => this.fail(heldBack), ms);
      }
    }
    if ((type === "state" || type === "subscribed") && this.up()) {
      this.#watchdog?.heard(this.context.heartbeat * 1_500);
    }
  }
}
