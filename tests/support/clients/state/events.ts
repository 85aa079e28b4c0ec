/** `/v1/events` with state channels: an event stream, and a loop of requests (PROTOCOL.md 3). */
import { accepted, eventsQuery } from "../client.ts";
import { SseParser } from "../sse.ts";
import type { KeyedPub, StateStarts } from "../state_mirror.ts";
import { StateClient, type StateOptions } from "./client.ts";

/** Resolves when it has the state. @throws Refused */
export async function openStateSse(url: string, options: StateOptions): Promise<StateClient> {
  const { cursor, query } = askFor(options);
  const headers = { accept: "text/event-stream", ...(cursor && { "last-event-id": cursor }) };
  const response = await accepted(await fetch(`${url}/v1/events?${query}`, { headers }));
  return await new SseClient(response, options).opened();
}

/** Resolves when it has the state. @throws Refused */
export async function openStateLongPoll(url: string, options: StateOptions): Promise<StateClient> {
  const first = await pollState(url, options, 0);
  return await new LongPollClient(url, options, first).opened();
}

export interface StateAnswer {
  readonly cursor: string;
  readonly channels?: StateStarts;
  readonly messages: readonly { readonly channel: string; readonly pub: KeyedPub }[];
}

/** One request. @throws Refused */
export async function pollState(
  url: string,
  options: StateOptions,
  wait: number,
  at?: string,
  signal?: AbortSignal,
): Promise<StateAnswer> {
  const { cursor, query } = askFor(options, at);
  if (cursor !== "") query.set("cursor", cursor);
  query.set("wait", `${wait}`);
  const response = await fetch(`${url}/v1/events?${query}`, { ...(signal && { signal }) });
  return await (await accepted(response)).json() as StateAnswer;
}

/** Where it goes on is in the one or the other. */
function askFor(options: StateOptions, at = ""): { cursor: string; query: URLSearchParams } {
  const { channels, plain = [], filter, maxRate, after, by = "cursor", token } = options;
  const cursor = at !== "" ? at : by === "cursor" ? after?.cursor ?? "" : "";
  const positions = new Map(
    [...after?.mirrors ?? []].flatMap(([channel, { whole, position }]) =>
      whole && position !== null ? [[channel, position] as const] : []
    ),
  );
  const query = eventsQuery({
    channels: [...channels, ...plain],
    ...(token !== undefined && { token }),
    ...(cursor === "" && positions.size > 0 && { positions }),
  });
  if (filter !== undefined) query.set("filter", filter);
  if (maxRate !== undefined) query.set("maxRate", `${maxRate}`);
  return { cursor, query };
}

class SseClient extends StateClient {
  readonly transport = "sse";
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #reading: Promise<void>;

  constructor(response: Response, options: StateOptions) {
    super(options);
    this.#reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
    this.#reading = this.#read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end({ code: 1000, reason: "disposed" });
    await this.#reader.cancel().catch(() => {});
    await this.#reading;
  }

  protected override breakOff(): void {
    super.breakOff();
    this.#reader.cancel().catch(() => {});
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    const parser = new SseParser(
      (name, data) => this.take(() => this.#event(name, data)),
      () => {},
      (id) => this.take(() => this.cursor = id),
    );
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        parser.push(decoder.decode(value, { stream: true }));
      }
      this.end({ code: 0, reason: "the body ended" });
    } catch (error) {
      this.end({ code: 0, reason: String(error) });
    }
  }

  #event(name: string, data: string): void {
    const json: unknown = JSON.parse(data);
    switch (name) {
      case "subscribed":
        return this.begun((json as { channels: StateStarts }).channels);
      case "state": {
        const { channel, state, more } = json as {
          channel: string;
          state: KeyedPub[];
          more: boolean;
        };
        return this.page(channel, state, more);
      }
      case "message": {
        const { channel, pub } = json as { channel: string; pub: KeyedPub };
        return this.change(channel, pub);
      }
      case "disconnect":
        return this.end(json as { code: number; reason: string });
    }
  }
}

class LongPollClient extends StateClient {
  readonly transport = "long_poll";
  readonly #abort = new AbortController();
  readonly #loop: Promise<void>;

  constructor(url: string, options: StateOptions, first: StateAnswer) {
    super(options);
    // What could be honoured is not told.
    for (const channel of [...options.channels, ...options.plain ?? []]) {
      if (first.channels?.[channel] === undefined) this.starts.push({ channel, recovered: true });
    }
    this.#take(first);
    this.#loop = this.#run(url, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end({ code: 1000, reason: "disposed" });
    this.#abort.abort();
    await this.#loop;
  }

  async #run(url: string, options: StateOptions): Promise<void> {
    try {
      while (!this.isOver) {
        this.#take(await pollState(url, options, 25, this.cursor, this.#abort.signal));
      }
    } catch (error) {
      this.end({ code: 0, reason: String(error) });
    }
  }

  #take({ cursor, channels = {}, messages }: StateAnswer): void {
    this.take(() => {
      this.cursor = cursor;
      this.begun(channels);
      for (const { channel, pub } of messages) this.change(channel, pub);
    });
  }
}
