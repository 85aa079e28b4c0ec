/**
 * Who wants to be pushed, in Deno KV for all isolates.
 *
 *     ["push", "subscription", id] → Subscription      id: a hash of the endpoint
 *     ["push", "head"]             → { total }         written by every change: they come one by one
 */
import { retryLocked } from "../kv/retry.ts";
import type { Language } from "./texts.ts";
import type { ReceiverKeys } from "./encrypt.ts";

/** What a browser tells of itself. */
export interface SubscriptionRequest {
  /** A capability: whoever knows it can send there. Never logged. */
  readonly endpoint: string;
  readonly keys: ReceiverKeys;
  readonly language: Language;
  /** Unix milliseconds; null: the browser names no end. */
  readonly expirationTime: number | null;
}

export interface Subscription {
  readonly id: string;
  readonly user: string;
  readonly endpoint: string;
  readonly keys: ReceiverKeys;
  readonly language: Language;
  /** Unix milliseconds; the store may show it a little longer. */
  readonly expires: number;
  readonly renewed: number;
}

const day = 24 * 3_600_000;

export const limits = {
  /** A user's oldest goes when another comes. */
  perUser: 10,
  total: 2_000,
  /** Pages renew it each time they open. */
  lifetimeMs: 30 * day,
} as const;

const keys = {
  one: (id: string) => ["push", "subscription", id],
  all: ["push", "subscription"],
  head: ["push", "head"],
} as const;

interface Head {
  readonly total: number;
}

export class Subscriptions {
  readonly #kv: Deno.Kv;
  readonly #now: () => number;

  constructor(kv: Deno.Kv, now: () => number) {
    this.#kv = kv;
    this.#now = now;
  }

  /** Adds or renews; an endpoint is one user's at a time. "full": there are as many as may be. */
  async put(user: string, request: SubscriptionRequest): Promise<"created" | "renewed" | "full"> {
    const subscription = await this.#subscription(user, request);
    return await this.#change((all, write) => {
      const others = all.filter(({ id }) => id !== subscription.id);
      const own = others.filter((one) => one.user === user).sort((a, b) => a.renewed - b.renewed);
      const dropped = own.slice(0, Math.max(0, own.length + 1 - limits.perUser));
      const total = others.length - dropped.length + 1;
      if (total > limits.total) return { total: null, result: "full" };
      for (const { id } of dropped) write.delete(keys.one(id));
      const expireIn = subscription.expires - subscription.renewed;
      write.set(keys.one(subscription.id), subscription, { expireIn });
      return { total, result: others.length === all.length ? "created" : "renewed" };
    });
  }

  /**
   * Puts another endpoint in an old one's place, for whoever knows the old one and its `auth`: the
   * browser that has renewed it by itself. False: there is no such subscription.
   */
  async replace(
    old: { readonly endpoint: string; readonly auth: string },
    request: Omit<SubscriptionRequest, "language">,
  ): Promise<boolean> {
    const known = await this.known(old);
    if (known === null) return false;
    const { id, user, language } = known;
    const put = await this.#subscription(user, { ...request, language });
    return await this.#change((all, write) => {
      if (!all.some((one) => one.id === id)) return { total: null, result: false };
      write.delete(keys.one(id));
      write.set(keys.one(put.id), put, { expireIn: put.expires - put.renewed });
      const total = all.filter((one) => one.id !== id && one.id !== put.id).length + 1;
      return { total, result: true };
    });
  }

  /** The subscription of whoever knows its endpoint and its `auth`; null: there is none. */
  async known(
    { endpoint, auth }: { readonly endpoint: string; readonly auth: string },
  ): Promise<Subscription | null> {
    const { value } = await this.#kv.get<Subscription>(keys.one(await idOf(endpoint)));
    if (value === null || value.expires <= this.#now()) return null;
    return value.keys.auth === auth ? value : null;
  }

  /** @param user absent: whoever's it is. False: there was none. */
  async remove(endpoint: string, user?: string): Promise<boolean> {
    const id = await idOf(endpoint);
    return await this.#change((all, write) => {
      const found = all.find((one) => one.id === id);
      const isTheirs = found !== undefined && (user === undefined || found.user === user);
      if (!isTheirs) return { total: null, result: false };
      write.delete(keys.one(id));
      return { total: all.length - 1, result: true };
    });
  }

  /** Whether there may be any; cheap. */
  async any(): Promise<boolean> {
    return ((await this.#kv.get<Head>(keys.head)).value?.total ?? 0) > 0;
  }

  async list(): Promise<Subscription[]> {
    const all: Subscription[] = [];
    const now = this.#now();
    for await (
      const { value } of this.#kv.list<Subscription>({ prefix: [...keys.all] }, { batchSize: 500 })
    ) {
      if (value.expires > now) all.push(value);
    }
    return all;
  }

  async #subscription(user: string, request: SubscriptionRequest): Promise<Subscription> {
    const { endpoint, keys, language, expirationTime } = request;
    const renewed = this.#now();
    const latest = Math.min(renewed + limits.lifetimeMs, expirationTime ?? Infinity);
    // It may have passed since it was checked.
    const expires = Math.max(renewed, latest);
    return { id: await idOf(endpoint), user, endpoint, keys, language, expires, renewed };
  }

  /** The limits hold however many change at once: `prepare` is called again with what is then. */
  async #change<Result>(
    prepare: (
      all: readonly Subscription[],
      write: Deno.AtomicOperation,
    ) => { readonly total: number | null; readonly result: Result },
  ): Promise<Result> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const head = await this.#kv.get<Head>(keys.head);
      const write = this.#kv.atomic().check(head);
      const { total, result } = prepare(await this.list(), write);
      // Nothing to write.
      if (total === null) return result;
      write.set([...keys.head], { total } satisfies Head);
      if ((await retryLocked(() => write.commit())).ok) return result;
    }
    throw new Error("too many changes of subscriptions at once");
  }
}

async function idOf(endpoint: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return new Uint8Array(digest, 0, 16).toBase64({ alphabet: "base64url", omitPadding: true });
}
