/** `/v1/events` as an event stream, by `fetch` and a parser of its own (PROTOCOL.md 3.1). */
import type { StreamPosition } from "../../../lib/protocol/publication.ts";
import { accepted, eventsQuery, type OpenOptions, type TestClient } from "./client.ts";
import { type Inbox, QueueingClient } from "./inbox.ts";

export interface SseClient extends TestClient {
  readonly headers: Headers;
  /** Resolves at the next comment. */
  comment(): Promise<void>;
}

/** What `channels` holds, in both forms of `/v1/events`. */
export type Starts = Readonly<
  Record<string, Partial<StreamPosition> & { readonly recovered?: boolean }>
>;

/** Resolves when the server has told where the channels start. @throws Refused */
export async function openSse(url: string, options: OpenOptions): Promise<SseClient> {
  const { cursor, http } = options;
  const response = await accepted(
    await fetch(`${url}/v1/events?${eventsQuery(options)}`, {
      headers: { accept: "text/event-stream", ...(cursor && { "last-event-id": cursor }) },
      ...(http && { client: http }),
    }),
  );
  const client = new Client(response);
  await client.ready;
  return client;
}

class Client extends QueueingClient implements SseClient {
  readonly transport = "sse";
  readonly headers: Headers;
  readonly ready: Promise<unknown>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #reading: Promise<void>;
  readonly #subscribed = Promise.withResolvers<void>();
  readonly #comments = new Set<() => void>();

  constructor(response: Response) {
    super();
    this.headers = response.headers;
    this.#reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
    this.#reading = this.#read();
    this.ready = Promise.race([this.#subscribed.promise, this.#reading]);
  }

  comment(): Promise<void> {
    return new Promise((resolve) => this.#comments.add(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.inbox.end({ code: 1000, reason: "disposed" });
    // A stream that has failed cannot be cancelled, and need not be.
    await this.#reader.cancel().catch(() => {});
    await this.#reading;
  }

  /** Never rejects. */
  async #read(): Promise<void> {
    const event = (name: string, data: string, id: string) => this.#event(name, data, id);
    const parser = new SseParser(event, () => {
      for (const resolve of this.#comments) resolve();
      this.#comments.clear();
    });
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        parser.push(decoder.decode(value, { stream: true }));
      }
      this.inbox.end({ code: 0, reason: "the body ended" });
    } catch (error) {
      this.inbox.end({ code: 0, reason: String(error) });
    }
  }

  #event(name: string, data: string, id: string): void {
    const json: unknown = JSON.parse(data);
    switch (name) {
      case "message": {
        const { channel, pub } = json as {
          channel: string;
          pub: { data: unknown; offset?: number };
        };
        const offset = pub.offset ?? null;
        return this.inbox.put({ channel, data: pub.data, offset, cursor: id });
      }
      case "subscribed":
        tellStarts(this.inbox, (json as { channels: Starts }).channels);
        this.inbox.startAt(id);
        return this.#subscribed.resolve();
      case "disconnect":
        return this.inbox.end(json as { code: number; reason: string });
    }
  }
}

export function tellStarts(inbox: Inbox, channels: Starts): void {
  for (const [channel, { epoch, offset = 0, recovered }] of Object.entries(channels)) {
    inbox.start(channel, {
      position: epoch === undefined ? null : { epoch, offset },
      ...(recovered !== undefined && { recovered }),
    });
  }
}

type EventListener = (name: string, data: string, lastEventId: string) => void;

/** The event stream format: lines of fields, an empty line ends an event, `:` begins a comment. */
export class SseParser {
  readonly #event: EventListener;
  readonly #comment: () => void;
  readonly #moved: (lastEventId: string) => void;
  #rest = "";
  #name = "";
  #data: string[] = [];
  #id = "";

  /** @param moved called at the end of each block, also of one that has no data. */
  constructor(
    event: EventListener,
    comment: () => void,
    moved: (lastEventId: string) => void = () => {},
  ) {
    this.#event = event;
    this.#comment = comment;
    this.#moved = moved;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line.endsWith("\r") ? line.slice(0, -1) : line);
  }

  #line(line: string): void {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return this.#comment();
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#name = value;
    else if (field === "id") this.#id = value;
  }

  #dispatch(): void {
    const data = this.#data;
    const name = this.#name;
    this.#data = [];
    this.#name = "";
    this.#moved(this.#id);
    if (data.length > 0) this.#event(name === "" ? "message" : name, data.join("\n"), this.#id);
  }
}
