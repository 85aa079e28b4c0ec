/** Long-poll (PROTOCOL.md 3.2): one request after the other, each from where the last one ended. */
import { askTime, downByAnswer, requestEvents, tellStart, type WireStart } from "./http.ts";
import type { Link, LinkContext, WirePublication } from "./link.ts";
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

/** How long after the server's own time an answer may still come. */
const graceMs = 10_000;

export function openLongPoll(context: LinkContext): Link {
  return new LongPollLink(context);
}

class LongPollLink implements Link {
  readonly #context: LinkContext;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  /** Channels whose snapshot goes on in the next answer. */
  readonly #paging = new Set<string>();
  #cursor: string | undefined;
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
    const { timing, up } = this.#context;
    // The first is answered at once and shows that there is a way.
    const why = await this.#poll(0, timing.eventsMs);
    if (why !== null) return why;
    if (!this.#over) up();
    return (await Promise.all([this.#pollOn(), askTime(this.#context, this.#abort.signal)]))[0];
  }

  async #pollOn(): Promise<Down> {
    const { pollSeconds } = this.#context.timing;
    for (;;) {
      const why = await this.#poll(pollSeconds, pollSeconds * 1_000 + graceMs);
      if (why !== null) return why;
    }
  }

  async #poll(waitSeconds: number, withinMs: number): Promise<Down | null> {
    this.#abort.signal.throwIfAborted();
    const timer = setTimeout(
      () => this.#end({ kind: "lost", reason: "no answer in time" }),
      withinMs,
    );
    try {
      const accept = "application/json";
      const response = await requestEvents(
        this.#context,
        { accept, cursor: this.#cursor, waitSeconds },
        this.#abort.signal,
      );
      const isJson = response.headers.get("content-type")?.startsWith(accept);
      if (response.status !== 200 || !isJson) {
        const why = await downByAnswer(response);
        // Another version of the server may not know this one's cursors; it knows positions.
        const isForeign = response.status === 400 && this.#cursor !== undefined;
        return isForeign ? { kind: "lost", reason: "the cursor was refused" } : why;
      }
      this.#take(await response.json());
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  #take({ cursor, channels = {}, messages }: Answer): void {
    if (this.#over) return;
    this.#cursor = cursor;
    for (const [channel, start] of Object.entries(channels)) this.#start(channel, start);
    for (const { channel, pub } of messages) {
      if (!this.#over) this.#context.published(channel, pub);
    }
  }

  #start(channel: string, { state, more = false, ...start }: WireStart & StatePart): void {
    const goesOn = this.#paging.delete(channel) && start.recovered !== false;
    if (!goesOn) tellStart(this.#context, channel, start);
    if (state === undefined) return;
    if (more) this.#paging.add(channel);
    this.#context.page(channel, state, more);
  }

  #end(why: Down): void {
    if (this.#over) return;
    this.close();
    this.#context.down(why);
  }
}
