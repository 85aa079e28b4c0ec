/**
 * The browser's, Deno's and Node's client: delivers the publications of streams in order and once,
 * and mirrors state channels, over the best transport the network lets through.
 */
import type {
  Channel,
  ChannelTypes,
  Client,
  ConnectOptions,
  DataOf,
  StateChannel,
  StateName,
  StreamName,
  Subscription,
} from "./api.ts";
import { type CallOptions, Calls } from "./calls.ts";
import { StreamChannel } from "./channel.ts";
import { ServerClock } from "./clock.ts";
import { Connections, type Openers } from "./connections.ts";
import type { Feed, Listener } from "./feed.ts";
import type { Host } from "./host.ts";
import { errorOf, postCommands } from "./http.ts";
import type { Command, WirePublication } from "./link.ts";
import { openLongPoll } from "./long_poll.ts";
import { QualityMeter } from "./quality.ts";
import { openSse } from "./sse.ts";
import { KeyedChannel } from "./state_channel.ts";
import { refusal } from "./refusal.ts";
import { openWebSocket } from "./websocket.ts";

export const network: Openers = { websocket: openWebSocket, sse: openSse, long_poll: openLongPoll };

/**
 * A client of the server at `url`, its root such as `https://shop.example/`. It connects when
 * something is subscribed to, and stays connected until nothing is, or it is closed or refused.
 */
export function connect<Types extends ChannelTypes = ChannelTypes>(
  url: string | URL,
  options: ConnectOptions = {},
): Client<Types> {
  return new RunningClient<Types>(new URL(url), options, network);
}

export class RunningClient<Types extends ChannelTypes> implements Client<Types>, Host {
  readonly quality = new QualityMeter();
  readonly #url: URL;
  readonly #options: ConnectOptions;
  readonly #connections: Connections;
  readonly #calls: Calls;
  readonly #clock = new ServerClock();
  readonly #feeds = new Map<string, Feed<unknown>>();
  readonly #closing = new AbortController();
  /** Of the keys by which the server knows what is published. Pages without TLS have no `randomUUID`. */
  readonly #name = `${Date.now()}${Math.random()}`;
  #id = 0;
  #flushing: ReturnType<typeof setTimeout> | undefined;
  #flushAt = Infinity;
  #posting: Promise<void> | undefined;

  constructor(url: URL, options: ConnectOptions, openers: Openers) {
    this.#url = url;
    this.#options = options;
    const nextId = () => ++this.#id;
    this.#calls = new Calls(nextId, (inMs) => this.#flushIn(inMs));
    this.#connections = new Connections(url, options, openers, {
      nextId,
      wanted: () => [...this.#feeds.values()],
      started: (channel, start, sole) => this.#feeds.get(channel)?.start(start, sole) ?? true,
      published: (channel, publication) => this.#take(channel, publication),
      refused: (channel, reason) => {
        const feed = this.#feeds.get(channel);
        this.#feeds.delete(channel);
        feed?.refuse(reason);
        this.#connections.update();
      },
      replied: (reply) => this.#calls.reply({ ...reply }),
      clock: (sentAt, serverTime) => this.#clock.sample(sentAt, Date.now(), serverTime),
      counted: (received, sent) => this.quality.counted(received, sent),
      using: (transport) => {
        this.quality.connected(transport);
        this.#calls.lost();
        if (transport !== undefined) this.#flush();
      },
    });
    this.#connections.status.subscribe((status) => {
      // Without a connection they go by requests.
      if (status.name === "idle" && this.#calls.isWaiting) this.#flush();
      if (status.name !== "closed") return;
      const reason = refusal(status.code, status.reason);
      for (const feed of this.#feeds.values()) feed.refuse(reason);
      this.#calls.fail({ code: status.code, message: status.reason }, true);
    });
  }

  get status() {
    return this.#connections.status;
  }

  channel<Name extends StreamName<Types>>(name: Name): Channel<DataOf<Types, Name>> {
    // The wire's data gets the type that the application gives the channel.
    return new StreamChannel(this, name) as unknown as Channel<DataOf<Types, Name>>;
  }

  state<Name extends StateName<Types>>(name: Name): StateChannel<DataOf<Types, Name>> {
    return new KeyedChannel(this, name) as unknown as StateChannel<DataOf<Types, Name>>;
  }

  async rpc(method: string, data?: unknown): Promise<unknown> {
    const result = await this.call({ rpc: { method, data } }, { repeats: false });
    return (result as { readonly data?: unknown }).data;
  }

  /** The page is looked at again. */
  wake(): void {
    this.#connections.wake();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const closed = this.#connections.close();
    clearTimeout(this.#flushing);
    this.quality.close();
    await Promise.all([closed, this.#posting]);
  }

  feed(channel: string): Feed<unknown> | undefined {
    return this.#feeds.get(channel);
  }

  join<News>(channel: string, make: () => Feed<News>, listener: Listener<News>): Subscription {
    const { value } = this.status;
    const isClosed = value.name === "closed";
    const feed = (isClosed ? make() : this.#feeds.get(channel) ?? make()) as Feed<News>;
    feed.listeners.add(listener);
    // Not before the subscription is in the application's hands.
    if (isClosed) queueMicrotask(() => feed.refuse(refusal(value.code, value.reason)));
    else {
      this.#feeds.set(channel, feed as Feed<unknown>);
      this.#connections.update();
    }
    return {
      ready: feed.ready,
      unsubscribe: () => {
        if (!feed.listeners.delete(listener) || feed.listeners.size > 0) return;
        if (this.#feeds.get(channel) === feed) this.#feeds.delete(channel);
        this.#connections.update();
      },
    };
  }

  call(command: Command, options?: CallOptions): Promise<unknown> {
    const { value } = this.status;
    if (value.name === "closed") return Promise.reject(refusal(value.code, value.reason));
    return this.#calls.call(command, options);
  }

  publish(publication: Command, options?: CallOptions): Promise<unknown> {
    const idempotency_key = `${this.#name} ${++this.#id}`;
    return this.call({ publish: { ...publication, idempotency_key } }, options);
  }

  #take(channel: string, publication: WirePublication): boolean {
    const feed = this.#feeds.get(channel);
    if (feed === undefined) return true;
    const { latencyMs = this.#latency(publication.time) } = publication;
    if (latencyMs !== undefined) this.quality.received(channel, latencyMs);
    return feed.take(publication, latencyMs);
  }

  /** Of what was published before this connection was up, it would tell how long that was away. */
  #latency(time: number | undefined): number | undefined {
    const { upAt } = this.#connections;
    if (time === undefined || upAt === undefined) return undefined;
    const receivedAt = Date.now();
    this.#clock.sample(null, receivedAt, time);
    const up = this.#clock.at(upAt);
    const now = this.#clock.at(receivedAt);
    if (up === undefined || now === undefined || time < up) return undefined;
    return Math.max(0, Math.round(now - time));
  }

  #flushIn(ms: number): void {
    const inMs = Math.max(ms, this.#options.batchWindow ?? 0);
    const at = Date.now() + inMs;
    if (at >= this.#flushAt) return;
    this.#flushAt = at;
    clearTimeout(this.#flushing);
    this.#flushing = setTimeout(() => this.#flush(), inMs);
  }

  /** Sends what waits, over the WebSocket, or by a request where there is none. */
  #flush(): void {
    this.#flushAt = Infinity;
    const { link } = this.#connections;
    if (link?.send !== undefined) {
      for (let text = this.#calls.take(); text !== ""; text = this.#calls.take()) link.send(text);
    } else if (link !== undefined || this.status.value.name === "idle") {
      this.#posting ??= this.#post().finally(() => {
        this.#posting = undefined;
      });
    }
  }

  /** One request after the other: what is published stays in order. Never rejects. */
  async #post(): Promise<void> {
    try {
      const { environment, tokens } = this.#connections;
      const asked = tokens.get();
      const counted = this.quality.counted.bind(this.quality);
      const context = { url: this.#url, token: await asked, environment, counted };
      for (let text = this.#calls.take(); text !== ""; text = this.#calls.take()) {
        const answer = await postCommands(context, text, this.#closing.signal);
        if (!("kind" in answer)) {
          for (const line of answer) this.#calls.reply(JSON.parse(line));
          continue;
        }
        const why = tokens.renewed(answer, asked);
        if (why.kind === "lost") return this.#calls.lost();
        this.#calls.fail(errorOf(why), false);
      }
    } catch {
      if (!this.#closing.signal.aborted) this.#calls.lost();
    }
  }
}
