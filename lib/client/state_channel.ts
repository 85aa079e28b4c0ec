import type {
  Change,
  StateChannel,
  StateListener,
  StatePublishOptions,
  Subscription,
} from "./api.ts";
import { loop, presenceOf } from "./channel.ts";
import { checkListener, checkMs, checkName } from "./check.ts";
import type { Listener } from "./feed.ts";
import type { Host } from "./host.ts";
import { Reader } from "./reader.ts";
import { refusal } from "./refusal.ts";
import { call } from "./signal.ts";
import { StateFeed } from "./state_feed.ts";

type Entries = ReadonlyMap<string, unknown>;

/** A state channel, as the application has it. */
export class KeyedChannel implements StateChannel<unknown> {
  readonly name: string;
  readonly #host: Host;

  constructor(host: Host, name: string) {
    checkName("channel", name);
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
    if (listener !== undefined) {
      checkListener(listener, "an object with onSync and onChange");
      return this.#listen(listener);
    }
    const reader: Reader<Entries> = new Reader(true, () => subscription.unsubscribe());
    const subscription = this.#listen({
      onSync: (entries) => reader.push(entries),
      onChange: ({ entries }) => reader.push(entries),
      onRefused: (error) => reader.end({ error }),
    });
    return loop(subscription, reader);
  }

  #listen({ onSync, onChange, onRefused }: StateListener<unknown>): Subscription {
    // Who comes later is told first what there is by then, not before the subscription is theirs.
    let isTold = this.entries === undefined;
    const sync = (entries: Entries) => {
      isTold = true;
      onSync?.(entries);
    };
    const listener: Listener<Change<unknown> | Entries> = {
      onNews: (news) => {
        if (news instanceof Map) sync(news);
        else if (isTold) onChange?.(news as Change<unknown>);
        else sync((news as Change<unknown>).entries);
      },
      onRefused,
    };
    const subscription = this.#host.join(this.name, () => this.#newFeed(), listener);
    queueMicrotask(() => {
      const feed = this.#feed;
      if (isTold || !feed?.listeners.has(listener)) return;
      call(sync, feed.entries ?? new Map());
    });
    return subscription;
  }

  #newFeed(): StateFeed {
    const { name } = this;
    return new StateFeed(name, () => {
      this.#host.refused(name, refusal(103, `${name} is no state channel`));
    });
  }

  async publish(key: string, data: unknown, options?: StatePublishOptions): Promise<void> {
    if (options?.everyMs !== undefined) checkMs("everyMs", options.everyMs);
    await this.#write(key, { data }, options);
  }

  async remove(key: string): Promise<void> {
    await this.#write(key, { removed: true });
  }

  #write(key: string, value: object, options: StatePublishOptions = {}): Promise<unknown> {
    checkName("key", key);
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
