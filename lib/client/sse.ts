/**
 * Server-Sent Events (PROTOCOL.md 3.1), read through `fetch`: unlike EventSource it sends the token
 * in a header, which no log keeps, and shows why the server refused.
 */
import { requestEvents } from "./http.ts";
import { HttpLink } from "./http_link.ts";
import { downBy, type Link, type LinkContext, lost, silent, type WireStart } from "./link.ts";
import { readEvents, type ServerEvent } from "./sse_parser.ts";
import type { Down } from "./state.ts";
import { Watchdog } from "./watchdog.ts";

/** How soon after its start the server is to send its probe. */
const probeAfterMs = 1_000;
const heldBack = lost("held back");

export function openSse(context: LinkContext): Link {
  return new SseLink(context);
}

class SseLink extends HttpLink {
  #watchdog: Watchdog | undefined;
  #probe: ReturnType<typeof setTimeout> | undefined;
  #begunAt = 0;
  /** Whether nothing holds the stream back on its way. */
  #isProven = false;

  /** Reads to the end of the stream. */
  protected override async request(signal: AbortSignal): Promise<Down | undefined> {
    const { context } = this;
    this.begin();
    const { openMs } = context.timing;
    const watchdog = this.#watchdog = new Watchdog(openMs, () => context.down(silent));
    try {
      const accept = "text/event-stream";
      const answer = await requestEvents(context, accept, { probe: `${probeAfterMs}` }, signal);
      if (!answer || "kind" in answer) return answer;
      if (!answer.body) return lost("ended");
      const push = readEvents((event) => signal.aborted || this.#take(event));
      const decoder = new TextDecoder();
      // Not `for await`: browsers came to it late.
      const reader = answer.body.getReader();
      // The signal does not reach a body whose response was collected as garbage (seen in Deno).
      signal.addEventListener("abort", () => reader.cancel().catch(() => {}));
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        watchdog.heard();
        context.counted(part.value.length, 0);
        push(decoder.decode(part.value, { stream: true }));
      }
      return lost("ended");
    } finally {
      watchdog.stop();
      clearTimeout(this.#probe);
      this.#probe = undefined;
    }
  }

  #take({ type, data }: ServerEvent): void {
    const event = JSON.parse(data);
    const { channel } = event;
    if (type === "message") this.context.published(channel, event.pub);
    else if (type === "disconnect") this.context.down(downBy(event.code, event.reason));
    else if (type === "state") this.page(channel, event.state, event.more);
    else if (type === "subscribed") {
      for (const [name, start] of Object.entries<WireStart>(event.channels)) {
        this.start(name, start);
      }
      if (this.#probe === undefined) this.#begun();
    } else if (type === "probe") {
      clearTimeout(this.#probe);
      // It came along with the start, which had to wait for it.
      if (Date.now() - this.#begunAt < probeAfterMs / 2) return this.context.down(heldBack);
      this.#isProven = true;
    }
    if ((this.#isProven || !this.context.isBeside()) && type !== "message" && this.up()) {
      this.#watchdog?.heard(this.context.heartbeat * 1_500);
    }
  }

  /** A proxy that gathers what passes through holds back the probe, too. */
  #begun(): void {
    this.#begunAt = Date.now();
    const { probeMs } = this.context.timing;
    this.#probe = setTimeout(() => this.context.down(heldBack), probeAfterMs + probeMs);
  }
}
