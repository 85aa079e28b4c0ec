/** `/v1/events` as a loop of requests (PROTOCOL.md 3.2). */
import {
  accepted,
  type End,
  eventsQuery,
  type OpenOptions,
  Refused,
  type TestClient,
} from "./client.ts";
import { QueueingClient } from "./inbox.ts";
import { type Starts, tellStarts } from "./sse.ts";

export interface PollAnswer {
  readonly cursor: string;
  readonly time: number;
  readonly channels?: Starts;
  readonly messages: readonly {
    readonly channel: string;
    readonly pub: { readonly data: unknown; readonly offset?: number };
  }[];
}

/** One request. With a cursor, positions are left out. @throws Refused */
export async function poll(
  url: string,
  options: OpenOptions,
  signal?: AbortSignal,
): Promise<PollAnswer> {
  const { cursor, wait, http } = options;
  const query = eventsQuery(options);
  if (cursor !== undefined) {
    query.delete("since");
    query.set("cursor", cursor);
  }
  if (wait !== undefined) query.set("wait", `${wait}`);
  const response = await fetch(`${url}/v1/events?${query}`, {
    ...(signal && { signal }),
    ...(http && { client: http }),
  });
  return await (await accepted(response)).json() as PollAnswer;
}

/** Resolves after the first answer, which tells where the channels start. @throws Refused */
export async function openLongPoll(url: string, options: OpenOptions): Promise<TestClient> {
  // The first request does not wait, so that the client is open at once.
  const first = await poll(url, { ...options, wait: 0 });
  return new Client(url, options, first);
}

class Client extends QueueingClient implements TestClient {
  readonly transport = "long_poll";
  readonly #abort = new AbortController();
  readonly #loop: Promise<void>;

  constructor(url: string, options: OpenOptions, first: PollAnswer) {
    super();
    // Only what could not be honoured is told; the rest goes on from where it was asked to.
    for (const [channel, position] of options.positions ?? []) {
      if (first.channels?.[channel] === undefined) {
        this.inbox.start(channel, { position, recovered: true });
      }
    }
    this.#take(first);
    this.#loop = this.#run(url, options, first.cursor);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.inbox.end({ code: 1000, reason: "disposed" });
    this.#abort.abort();
    await this.#loop;
  }

  /** Never rejects. */
  async #run(url: string, options: OpenOptions, from: string): Promise<void> {
    try {
      for (let cursor = from; !this.inbox.ended;) {
        const answer = await poll(url, { ...options, cursor }, this.#abort.signal);
        this.#take(answer);
        cursor = answer.cursor;
      }
    } catch (error) {
      this.inbox.end(endOf(error));
    }
  }

  #take({ cursor, channels, messages }: PollAnswer): void {
    if (channels !== undefined) tellStarts(this.inbox, channels);
    if (messages.length === 0) this.inbox.startAt(cursor);
    for (const [i, { channel, pub }] of messages.entries()) {
      this.inbox.put({
        channel,
        data: pub.data,
        offset: pub.offset ?? null,
        ...(i === messages.length - 1 && { cursor }),
      });
    }
  }
}

function endOf(error: unknown): End {
  if (error instanceof Refused) return { code: error.status, reason: error.message };
  return { code: 0, reason: String(error) };
}
