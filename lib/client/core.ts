/**
 * The heart of the client, and an entry point of its own for pages that only listen: streams, once
 * and in order, over the best transport the network lets through.
 */
import type {
  Publication,
  StreamPosition,
  StreamsOptions,
  SubscribeOptions,
  Subscription,
  TransportName,
} from "./api.ts";
import { type ConnectionEvents, Connections, type Extras, type Openers } from "./connections.ts";
import type { Feed, Listener } from "./feed.ts";
import type { Countable, Opens, Reply, Start, WirePublication } from "./link.ts";
import { openLongPoll } from "./long_poll.ts";
import { refusal } from "./refusal.ts";
import { openSse } from "./sse.ts";
import { StreamFeed } from "./stream_feed.ts";
import { openWebSocket } from "./websocket.ts";

export const network: Openers = { websocket: openWebSocket, sse: openSse, long_poll: openLongPoll };

export class CoreClient implements ConnectionEvents {
  protected readonly connections: Connections;
  readonly #feeds = new Map<string, Feed<unknown>>();
  #id = 0;

  constructor(url: URL, options: StreamsOptions, openers: Openers, extras: Extras = {}) {
    this.connections = new Connections(url, options, openers, this, extras);
    this.status.subscribe((status) => {
      if (status.name !== "closed") return;
      for (const feed of this.#feeds.values()) feed.refuse(refusal(status.code, status.reason));
      this.#feeds.clear();
    });
  }

  get status() {
    return this.connections.status;
  }

  async close(): Promise<void> {
    await this.connections.close();
  }

  /** undefined: nobody listens. */
  feed(channel: string): Feed<unknown> | undefined {
    return this.#feeds.get(channel);
  }

  /** @param make where nobody listens yet. */
  join<News>(channel: string, make: () => Feed<News>, listener: Listener<News>): Subscription {
    const { value } = this.status;
    const feed = (this.#feeds.get(channel) ?? make()) as Feed<News>;
    feed.listeners.add(listener);
    // Not before the subscription is in the application's hands.
    if (value.name === "closed") {
      queueMicrotask(() => feed.refuse(refusal(value.code, value.reason)));
    } else {
      this.#feeds.set(channel, feed as Feed<unknown>);
      this.connections.update();
    }
    return {
      ready: feed.ready,
      unsubscribe: () => {
        if (!feed.listeners.delete(listener) || feed.listeners.size > 0) return;
        if (this.#feeds.get(channel) === feed) this.#feeds.delete(channel);
        this.connections.update();
      },
    };
  }

  wanted(): readonly Opens[] {
    return [...this.#feeds.values()];
  }

  nextId(): number {
    return ++this.#id;
  }

  started(channel: string, start: Start, sole: boolean): boolean {
    return this.#feeds.get(channel)?.start(start, sole) ?? true;
  }

  published(channel: string, publication: WirePublication): boolean {
    return this.#feeds.get(channel)?.take(publication, this.latency?.(channel, publication)) ??
      true;
  }

  refused(channel: string, error: Error & { readonly code: number }): void {
    const feed = this.#feeds.get(channel);
    this.#feeds.delete(channel);
    feed?.refuse(error);
    this.connections.update();
  }

  // What only the whole client makes something of.
  replied?(reply: Reply): void;
  counted?(received: Countable, sent: Countable): void;
  using?(transport: TransportName | undefined): void;
  latency?(channel: string, publication: WirePublication): number | undefined;
}

/** A stream that is listened to. */
export class CoreChannel {
  readonly name: string;
  protected readonly client: CoreClient;

  constructor(client: CoreClient, name: string) {
    this.client = client;
    this.name = name;
  }

  get position(): StreamPosition | undefined {
    return this.client.feed(this.name)?.position;
  }

  subscribe(
    onNews: (publication: Publication<unknown>) => void,
    { since, ...others }: SubscribeOptions = {},
  ): Subscription {
    return this.client.join(this.name, () => new StreamFeed(this.name, since), {
      onNews,
      ...others,
    });
  }
}
