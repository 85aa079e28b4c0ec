/** Web Push: new orders reach staff whose page is closed. `docs/push.md` tells how it is set up. */
import { type Clock, systemClock } from "../clock.ts";
import type { Log } from "../ops/log.ts";
import type { OutboxEvent } from "../store/outbox.ts";
import type { PublishEvent } from "../store/relay.ts";
import type { PushConfig } from "./config.ts";
import { Courier, type PushOutcome } from "./courier.ts";
import { checkReceiver } from "./encrypt.ts";
import { NewOrders } from "./new_orders.ts";
import { Queue } from "./queue.ts";
import { endpointObjection, type ServicePolicy } from "./services.ts";
import { type Subscription, type SubscriptionRequest, Subscriptions } from "./subscriptions.ts";
import type { OrderNews } from "./texts.ts";
import { Vapid } from "./vapid.ts";

export interface PushOptions {
  /** null: there is no Web Push. */
  readonly config: PushConfig | null;
  /** Stays the caller's. */
  readonly kv: Deno.Kv;
  /** The users who look at a page now, whatever isolate serves them. */
  readonly watching: () => Promise<ReadonlySet<string>>;
  readonly count: (outcome: PushOutcome | "withheld", n: number) => void;
  readonly log: Log;
  readonly onError: (error: unknown, stage: string) => void;
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

/** A subscription cannot be taken; the message says what is wrong with it. */
export class PushRefusal extends Error {
  override readonly name = "PushRefusal";
  readonly reason: "bad" | "full";

  constructor(reason: PushRefusal["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface Push {
  /** In base64url; null: there is no Web Push, and nothing else here may be called. */
  readonly publicKey: string | null;
  /** @throws PushRefusal */
  subscribe(user: string, request: SubscriptionRequest): Promise<"created" | "renewed">;
  /** @throws PushRefusal; false: the old one is not known. */
  replace(
    old: { readonly endpoint: string; readonly auth: string },
    request: Omit<SubscriptionRequest, "language">,
  ): Promise<boolean>;
  unsubscribe(user: string, endpoint: string): Promise<void>;
  /** The shop's publishing, watched for new orders. */
  watch<Outlet extends { readonly publish: PublishEvent }>(outlet: Outlet): Outlet;
  close(): Promise<void>;
}

const timeoutMs = 10_000;

export function openPush(options: PushOptions): Push {
  return options.config === null ? noPush : openWith(options.config, options);
}

const noPush: Push = {
  publicKey: null,
  subscribe: () => Promise.reject(new Error("there is no Web Push")),
  replace: () => Promise.resolve(false),
  unsubscribe: () => Promise.resolve(),
  watch: (outlet) => outlet,
  close: () => Promise.resolve(),
};

function openWith({ keys, subject, policy }: PushConfig, options: PushOptions): Push {
  const { kv, watching, count, onError, clock = systemClock } = options;
  const now = () => clock.now();
  const subscriptions = new Subscriptions(kv, now);
  const report = (error: unknown) => onError(error, "push");
  const forget = async ({ endpoint }: Subscription) => {
    await subscriptions.remove(endpoint).catch(report);
  };
  const courier = new Courier({
    vapid: new Vapid({ keys, subject, clock }),
    clock,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timeoutMs,
    onOutcome: (outcome, subscription, reason) => {
      count(outcome, 1);
      if (outcome !== "refused" && outcome !== "failed") return;
      options.log("warn", `web push: ${outcome}`, { service: serviceOf(subscription), reason });
    },
    forget,
  });
  const send = (subscription: Subscription, batch: Parameters<Courier["send"]>[1]) => {
    // The operator may have taken a service off the list since.
    if (endpointObjection(subscription.endpoint, policy) === null) {
      courier.send(subscription, batch);
    } else forget(subscription);
  };
  const newOrders = new NewOrders({
    queue: new Queue(kv, now),
    clock,
    wanted: () => subscriptions.any(),
    subscriptions: () => subscriptions.list(),
    watching,
    send,
    onWithheld: (n) => count("withheld", n),
    onError: report,
  });
  return {
    publicKey: keys.publicKey,
    async subscribe(user, request) {
      await checkRequest(request, policy, now());
      const done = await subscriptions.put(user, request);
      if (done === "full") throw new PushRefusal("full", "there are as many as may be");
      return done;
    },
    async replace(old, request) {
      // Anybody may ask this: what costs the most comes last.
      if (await subscriptions.known(old) === null) return false;
      await checkRequest(request, policy, now());
      return await subscriptions.replace(old, request);
    },
    async unsubscribe(user, endpoint) {
      await subscriptions.remove(endpoint, user);
    },
    watch: (outlet) => ({ ...outlet, publish: watched(outlet.publish, newOrders) }),
    async close() {
      await newOrders.close();
      await courier.close();
    },
  };
}

/** An order goes off the outbox when it is published, and kept to be pushed or that has failed. */
function watched(publish: PublishEvent, newOrders: NewOrders): PublishEvent {
  return async (event, once) => {
    const order = newOrderIn(event);
    const [position] = await Promise.all([
      publish(event, once),
      order === null ? undefined : newOrders.placed(order),
    ]);
    return position;
  };
}

function newOrderIn({ channel, data, removed }: OutboxEvent): OrderNews | null {
  if (channel !== "orders:all" || removed === true) return null;
  const { id, status, version, total, currency, placedAt } = JSON.parse(data);
  return status === "placed" && version === 1 ? { id, total, currency, placedAt } : null;
}

async function checkRequest(
  { endpoint, keys, expirationTime }: Omit<SubscriptionRequest, "language">,
  policy: ServicePolicy,
  now: number,
): Promise<void> {
  const objection = endpointObjection(endpoint, policy);
  if (objection !== null) throw new PushRefusal("bad", `endpoint: ${objection}`);
  if (expirationTime !== null && expirationTime <= now) {
    throw new PushRefusal("bad", "expirationTime: has passed");
  }
  try {
    await checkReceiver(keys);
  } catch {
    throw new PushRefusal("bad", "keys: p256dh is no P-256 point, or auth is not 16 bytes");
  }
}

/** A host of a push service; the rest of an endpoint is a secret. */
function serviceOf({ endpoint }: Subscription): string {
  return new URL(endpoint).hostname;
}
