import type {
  Change,
  StateChannel,
  StateListener,
  StatePublishOptions,
  Subscription,
} from "./api.ts";
import { loop, presenceOf } from "./channel.ts";
import type { Host } from "./host.ts";
import { Reader } from "./reader.ts";
import { StateFeed } from "./state_feed.ts";

type Entries = ReadonlyMap<string, unknown>;

/** A state channel, as the application has it. */
export class KeyedChannel implements StateChannel<unknown> {
  readonly name: string;
  readonly #host: Host;

  constructor(host: Host, name: string) {
    this.#host = host;
    this.name = name;
  }

  get #feed(): StateFeed | undefined {
    const feed = this.#host.feed(this.name);
    return feed instanceof StateFeed ? feed : undefined;
  }

  get position() {
    return this.#feed?.position;
  }

  get entries(): Entries | undefined {
    return this.#feed?.entries;
  }

  subscribe(listener: StateListener<unknown>): Subscription;
  subscribe(): Subscription & AsyncIterable<Entries>;
  subscribe(listener?: StateListener<unknown>): Subscription {
    if (listener !== undefined) return this.#listen(listener);
    const reader: Reader<Entries> = new Reader(true, () => subscription.unsubscribe());
    const subscription = this.#listen({
      onSync: (entries) => reader.push(entries),
      onChange: ({ entries }) => reader.push(entries),
      onRefused: (error) => reader.end({ error }),
    });
    return loop(subscription, reader);
  }

  #listen({ onSync, onChange, onRefused }: StateListener<unknown>): Subscription {
    const known = this.entries;
    if (known !== undefined) queueMicrotask(() => onSync?.(known));
    return this.#host.join<Change<unknown> | Entries>(
      this.name,
      () => new StateFeed(this.name),
      {
        onNews: (news) =>
          news instanceof Map ? onSync?.(news) : onChange?.(news as Change<unknown>),
        onRefused,
      },
    );
  }

  async publish(key: string, data: unknown, options?: StatePublishOptions): Promise<void> {
    await this.#write(key, { data }, options);
  }

  async remove(key: string): Promise<void> {
    await this.#write(key, { removed: true });
  }

  #write(key: string, value: object, options: StatePublishOptions = {}): Promise<unknown> {
    const supersedes = JSON.stringify([this.name, key]);
    return this.#host.publish(
      { channel: this.name, type: 1, key, ...value },
      { ...options, supersedes },
    );
  }

  async presence() {
    return await presenceOf(this.#host, this.name);
  }
}
