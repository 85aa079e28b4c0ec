/** Long-poll (PROTOCOL.md 3.2): one request after the other, each from where the last one ended. */
import { requestEvents } from "./http.ts";
import { HttpLink } from "./http_link.ts";
import {
  type Link,
  type LinkContext,
  lost,
  silent,
  type WirePublication,
  type WireStart,
} from "./link.ts";
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

class LongPollLink extends HttpLink {
  /** undefined: the next request goes on from the positions that have been reached. */
  #cursor: string | undefined;
  /** The first is answered at once and shows that there is a way. */
  #waitMs = 0;
  #longestMs = this.context.timing.pollMs;

  override check(): void {
    this.#cursor = undefined;
    super.check();
  }

  protected override async request(signal: AbortSignal): Promise<Down | undefined> {
    const { context } = this;
    const waitMs = this.#cursor === undefined ? 0 : this.#waitMs;
    const timer = setTimeout(() => context.down(silent), waitMs + context.timing.openMs);
    const startedAt = Date.now();
    const why = await this.#ask(waitMs, signal).catch(lost);
    clearTimeout(timer);
    if (signal.aborted) return undefined;
    // A proxy may cut what it thinks idle: the next requests wait less, the very next not at all.
    const ms = Date.now() - startedAt;
    if (why?.kind !== "lost" || why.afterMs || ms < leastMs || waitMs === 0) return why;
    this.#longestMs = Math.max(leastMs, Math.min(ms, waitMs) * 0.8) | 0;
    this.#cursor = undefined;
    return undefined;
  }

  async #ask(waitMs: number, signal: AbortSignal): Promise<Down | undefined> {
    const { context } = this;
    const begun = this.#cursor === undefined ? this.begin() : [];
    const query = { cursor: this.#cursor, wait: `${waitMs / 1_000}` };
    const response = await requestEvents(context, "application/json", query, signal);
    if (!response || "kind" in response) return response;
    const text = await response.text();
    context.counted(text, 0);
    if (signal.aborted) return undefined;
    const { cursor, channels = {}, messages }: Answer = JSON.parse(text);
    this.#cursor = cursor;
    for (const { channel, position } of begun) {
      // Of a position that could be honoured nothing is said.
      if (!(channel in channels)) this.start(channel, { ...position, recovered: true });
    }
    for (const [channel, { state, more, ...start }] of Object.entries(channels)) {
      if (state === undefined || !start.recovered) this.start(channel, start);
      if (state !== undefined) this.page(channel, state, more);
    }
    for (const { channel, pub } of messages) context.published(channel, pub);
    this.#waitMs = this.up() ? this.#longestMs : 0;
    return undefined;
  }
}
