/** npm's `centrifuge` as it is published, with what a test needs to await instead of polling. */
import { Centrifuge, type Options, type Subscription, type SubscriptionOptions } from "centrifuge";
import type { ClientEvents, SubscriptionEvents } from "centrifuge";
import { within } from "../support/clients/eventually.ts";

export interface Sdk extends AsyncDisposable {
  readonly client: Centrifuge;
  /** Resolves when subscribed. */
  subscribe(channel: string, options?: Partial<SubscriptionOptions>): Promise<Subscriber>;
}

export interface Subscriber {
  readonly subscription: Subscription;
  /** The `n` of each publication's data, in the order they came. */
  readonly numbers: readonly number[];
  /** Resolves when `n` has come. */
  reached(n: number): Promise<void>;
  /** Resolves when so many have come, in whatever order. */
  counted(count: number): Promise<void>;
}

/** Not yet connected. @param url of the server, `http:`. */
export function openSdk(url: string, options: Partial<Options> = {}): Sdk {
  const closed: Promise<unknown>[] = [];
  // The SDK tells when it lets go of a socket, not when that is gone.
  class Tracked extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols);
      closed.push(
        new Promise((resolve) => this.addEventListener("close", resolve, { once: true })),
      );
    }
  }
  const client = new Centrifuge(`${url.replace("http", "ws")}/connection/websocket`, {
    minReconnectDelay: 20,
    maxReconnectDelay: 200,
    websocket: Tracked,
    ...options,
  });
  return sdkOf(client, async () => {
    await within(Promise.all(closed), "the SDK's sockets are closed");
  });
}

/** @param ended resolves when nothing of a client that has disconnected is left. */
export function sdkOf(client: Centrifuge, ended: () => Promise<void>): Sdk {
  return {
    client,
    async subscribe(channel, subscriptionOptions) {
      const subscription = client.newSubscription(channel, {
        minResubscribeDelay: 20,
        ...subscriptionOptions,
      });
      const subscriber = watch(subscription);
      const subscribed = next(subscription, "subscribed");
      subscription.subscribe();
      client.connect();
      await subscribed;
      return subscriber;
    },
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await ended();
    },
  };
}

function watch(subscription: Subscription): Subscriber {
  const numbers: number[] = [];
  let look = () => {};
  subscription.on("publication", ({ data }) => {
    numbers.push((data as { n: number }).n);
    look();
  });
  const until = (isSo: () => boolean, what: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    look = () => {
      if (isSo()) resolve();
    };
    look();
    return within(promise, () => `${what} after ${numbers}`);
  };
  return {
    subscription,
    numbers,
    reached: (n) => until(() => numbers.includes(n), `number ${n}`),
    counted: (count) => until(() => numbers.length >= count, `${count} numbers`),
  };
}

type Context<Events, Name extends keyof Events> = Events[Name] extends (context: infer C) => void
  ? C
  : never;

/** The next event of that name; ask before what causes it. */
export function next<Name extends keyof SubscriptionEvents>(
  source: Subscription,
  name: Name,
): Promise<Context<SubscriptionEvents, Name>>;
export function next<Name extends keyof ClientEvents>(
  source: Centrifuge,
  name: Name,
): Promise<Context<ClientEvents, Name>>;
export function next(
  source: { on(name: string, listener: (context: unknown) => void): unknown },
  name: string,
): Promise<unknown> {
  // What came in its place tells why it did not.
  const others: string[] = [];
  for (const other of ["state", "error", "connecting", "disconnected", "unsubscribed"]) {
    source.on(other, (context) => others.push(`${other} ${JSON.stringify(context)}`));
  }
  const { promise, resolve } = Promise.withResolvers<unknown>();
  source.on(name, resolve);
  return within(promise, () => `event ${name}, but ${others.join(", ") || "nothing"}`);
}
