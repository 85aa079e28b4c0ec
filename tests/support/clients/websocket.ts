/** The client protocol over WebSocket, as far as the tests need it (PROTOCOL.md 2). */
import type { OpenOptions, TestClient } from "./client.ts";
import { Refused } from "./client.ts";
import { QueueingClient } from "./inbox.ts";

interface Pub {
  readonly data: unknown;
  readonly offset?: number;
}

/** One line from the server. */
interface Line {
  readonly id?: number;
  readonly error?: { readonly code: number; readonly message: string };
  readonly connect?: { readonly client: string; readonly node: string };
  readonly subscribe?: {
    readonly epoch?: string;
    readonly offset?: number;
    readonly was_recovering?: boolean;
    readonly recovered?: boolean;
    readonly publications?: readonly Pub[];
  };
  readonly push?: {
    readonly channel: string;
    readonly pub?: Pub;
    readonly unsubscribe?: { readonly code: number; readonly reason: string };
  };
}

export interface WebSocketClient extends TestClient {
  /** The isolate that serves it. */
  readonly node: string;
}

/** Resolves when all channels are subscribed. @throws Refused */
export async function openWebSocket(url: string, options: OpenOptions): Promise<WebSocketClient> {
  const query = options.query === undefined ? "" : `?${new URLSearchParams(options.query)}`;
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/connection/websocket${query}`);
  const client = new Client(socket, options);
  try {
    await client.ready;
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
  return client;
}

class Client extends QueueingClient implements WebSocketClient {
  readonly transport = "websocket";
  readonly ready: Promise<void>;
  node = "";
  readonly #socket: WebSocket;
  readonly #options: OpenOptions;
  readonly #gone: Promise<void>;
  #waiting: number;
  #resolveReady: () => void;
  #rejectReady: (error: Refused) => void;

  constructor(socket: WebSocket, options: OpenOptions) {
    super();
    this.#socket = socket;
    this.#options = options;
    this.#waiting = options.channels.length + 1;
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.#resolveReady = ready.resolve;
    this.#rejectReady = ready.reject;
    const gone = Promise.withResolvers<void>();
    this.#gone = gone.promise;
    socket.onopen = () => socket.send(this.#commands());
    socket.onmessage = ({ data }) => this.#receive(String(data));
    socket.onerror = () => {}; // A close follows.
    socket.onclose = ({ code, reason }) => {
      this.inbox.end({ code, reason });
      this.#rejectReady(new Refused(reason === "" ? "closed" : reason, code));
      gone.resolve();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.inbox.end({ code: 1000, reason: "disposed" });
    this.#socket.close();
    await this.#gone;
  }

  #commands(): string {
    const { channels, positions, token = "" } = this.#options;
    const commands: unknown[] = [{ id: 1, connect: { token } }];
    for (const [i, channel] of channels.entries()) {
      const position = positions?.get(channel);
      const recover = position && { recover: true, ...position };
      commands.push({ id: i + 2, subscribe: { channel, ...recover } });
    }
    return commands.map((command) => JSON.stringify(command)).join("\n");
  }

  #receive(frame: string): void {
    for (const text of frame.split("\n")) {
      const line = JSON.parse(text) as Line;
      if (line.push !== undefined) this.#pushed(line.push);
      else if (line.id === undefined) this.#socket.send("{}");
      else this.#replied(line.id, line);
    }
  }

  #replied(id: number, { error, connect, subscribe }: Line): void {
    if (error !== undefined) return this.#rejectReady(new Refused(error.message, error.code));
    if (connect !== undefined) this.node = connect.node;
    if (subscribe !== undefined) this.#subscribed(this.#options.channels[id - 2] ?? "", subscribe);
    if (--this.#waiting === 0) this.#resolveReady();
  }

  #subscribed(channel: string, reply: NonNullable<Line["subscribe"]>): void {
    const { epoch, offset, publications = [] } = reply;
    this.inbox.start(channel, {
      position: epoch === undefined ? null : { epoch, offset: offset ?? 0 },
      ...(reply.was_recovering && { recovered: reply.recovered ?? false }),
    });
    for (const pub of publications) this.#put(channel, pub);
  }

  #pushed({ channel, pub, unsubscribe }: NonNullable<Line["push"]>): void {
    if (pub !== undefined) this.#put(channel, pub);
    if (unsubscribe !== undefined) this.inbox.end(unsubscribe);
  }

  #put(channel: string, { data, offset }: Pub): void {
    this.inbox.put({ channel, data, offset: offset ?? null });
  }
}
