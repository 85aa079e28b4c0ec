/** Long-poll (PROTOCOL.md 3.2): one request after the other, each from where the last one ended. */
import {
  askTime,
  downByAnswer,
  type EventsQuery,
  requestEvents,
  type Starts,
  tellStarts,
} from "./http.ts";
import type { Link, LinkContext, WirePublication } from "./link.ts";
import type { Down } from "./state.ts";

interface Answer {
  readonly channels?: Starts;
  readonly messages: readonly { readonly channel: string; readonly pub: WirePublication }[];
}

/** How long after the server's own time an answer may still come. */
const graceMs = 10_000;

export function openLongPoll(context: LinkContext): Link {
  return new LongPollLink(context);
}

class LongPollLink implements Link {
  readonly #context: LinkContext;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #over = false;

  constructor(context: LinkContext) {
    this.#context = context;
    this.#done = this.#run().then(
      (why) => this.#end(why),
      (error) => this.#end({ kind: "lost", reason: String(error) }),
    );
  }

  close(): Promise<void> {
    this.#over = true;
    this.#abort.abort();
    return this.#done;
  }

  /** Polls until it fails; why it did. */
  async #run(): Promise<Down> {
    const { timing, channels, position, up } = this.#context;
    // The first is answered at once and shows that there is a way. An answer to a request with
    // positions tells no others, so channels that have none ask on their own.
    const fresh = channels.filter((channel) => position(channel) === undefined);
    const first = fresh.length > 0
      ? { channels: fresh, resume: false, waitSeconds: 0 }
      : { channels, resume: true, waitSeconds: 0 };
    const why = await this.#poll(first, timing.eventsMs);
    if (why !== null) return why;
    if (!this.#over) up();
    return (await Promise.all([this.#pollOn(), askTime(this.#context, this.#abort.signal)]))[0];
  }

  async #pollOn(): Promise<Down> {
    const { channels, timing } = this.#context;
    const query = { channels, resume: true, waitSeconds: timing.pollSeconds };
    for (;;) {
      const why = await this.#poll(query, timing.pollSeconds * 1_000 + graceMs);
      if (why !== null) return why;
    }
  }

  async #poll(query: Omit<EventsQuery, "accept">, withinMs: number): Promise<Down | null> {
    this.#abort.signal.throwIfAborted();
    const timer = setTimeout(
      () => this.#end({ kind: "lost", reason: "no answer in time" }),
      withinMs,
    );
    try {
      const accept = "application/json";
      const response = await requestEvents(
        this.#context,
        { ...query, accept },
        this.#abort.signal,
      );
      const isJson = response.headers.get("content-type")?.startsWith(accept);
      if (response.status !== 200 || !isJson) return await downByAnswer(response);
      this.#take(await response.json());
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  #take({ channels = {}, messages }: Answer): void {
    if (this.#over) return;
    tellStarts(this.#context, channels);
    for (const { channel, pub } of messages) {
      if (!this.#over) this.#context.published(channel, pub);
    }
  }

  #end(why: Down): void {
    if (this.#over) return;
    this.close();
    this.#context.down(why);
  }
}
