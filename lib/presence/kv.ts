/**
 * Presence in Deno KV, for all isolates that share the store. Entries live a minute and are renewed
 * while their node lives, so that the clients of a killed one are gone soon.
 *
 *     ["nhip", "presence", channel, client] → { info, until }
 */
import { retryLocked } from "../kv/retry.ts";
import type { ClientInfo } from "../protocol/publication.ts";
import type { PresenceStore } from "./presence.ts";

interface Entry {
  readonly info: ClientInfo;
  /** Unix milliseconds; the store may show an expired entry a little longer. */
  readonly until: number;
}

interface Present {
  readonly channel: string;
  readonly info: ClientInfo;
}

export interface KvPresenceOptions {
  readonly kv: Deno.Kv;
  readonly lifetimeMs?: number;
  readonly now?: () => number;
  readonly onError: (error: unknown, stage: string) => void;
}

/** Entries a commit renews: inside the store's 1,000 mutations and 800 KiB. */
const renewedPerCommit = 100;

export function kvPresence(options: KvPresenceOptions): PresenceStore {
  return new KvPresence(options);
}

class KvPresence implements PresenceStore {
  readonly #kv: Deno.Kv;
  readonly #lifetimeMs: number;
  readonly #now: () => number;
  readonly #onError: KvPresenceOptions["onError"];
  /** What this node's clients have entered. */
  readonly #own = new Map<string, Present>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #renewing: Promise<void> | undefined;

  constructor({ kv, lifetimeMs = 60_000, now = Date.now, onError }: KvPresenceOptions) {
    this.#kv = kv;
    this.#lifetimeMs = lifetimeMs;
    this.#now = now;
    this.#onError = onError;
  }

  async add(channel: string, info: ClientInfo): Promise<void> {
    this.#own.set(ownId(channel, info.client), { channel, info });
    this.#timer ??= setInterval(() => this.#renew(), this.#lifetimeMs * 0.4);
    await retryLocked(() => this.#set(this.#kv.atomic(), channel, info).commit());
    // It may have left while this was being written.
    if (!this.#own.has(ownId(channel, info.client))) await this.remove(channel, info.client);
  }

  async remove(channel: string, client: string): Promise<void> {
    this.#own.delete(ownId(channel, client));
    await retryLocked(() => this.#kv.delete(entryKey(channel, client)));
  }

  async list(channel: string): Promise<ReadonlyMap<string, ClientInfo>> {
    const present = new Map<string, ClientInfo>();
    const now = this.#now();
    const entries = this.#kv.list<Entry>({ prefix: ["nhip", "presence", channel] }, {
      batchSize: 500,
    });
    for await (const { value } of entries) {
      if (value.until > now) present.set(value.info.client, value.info);
    }
    return present;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    const own = [...this.#own.values()];
    this.#own.clear();
    await this.#inGroups(
      own,
      (atomic, { channel, info }) => atomic.delete(entryKey(channel, info.client)),
    );
  }

  #renew(): void {
    if (this.#own.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#renewing ??= this.#renewAll().finally(() => this.#renewing = undefined);
  }

  async #renewAll(): Promise<void> {
    const isOwn = ({ channel, info }: Present) => this.#own.has(ownId(channel, info.client));
    const present = [...this.#own.values()];
    await this.#inGroups(present, (atomic, one) => {
      if (isOwn(one)) this.#set(atomic, one.channel, one.info);
    });
    // Who left while a commit was under way has been written again by it.
    const left = present.filter((one) => !isOwn(one));
    await this.#inGroups(
      left,
      (atomic, { channel, info }) => atomic.delete(entryKey(channel, info.client)),
    );
  }

  /** Never rejects. */
  async #inGroups(
    entries: Present[],
    change: (atomic: Deno.AtomicOperation, entry: Present) => void,
  ): Promise<void> {
    for (let at = 0; at < entries.length; at += renewedPerCommit) {
      try {
        await retryLocked(() => {
          const atomic = this.#kv.atomic();
          for (const entry of entries.slice(at, at + renewedPerCommit)) change(atomic, entry);
          return atomic.commit();
        });
      } catch (error) {
        this.#onError(error, "presence");
      }
    }
  }

  #set(atomic: Deno.AtomicOperation, channel: string, info: ClientInfo): Deno.AtomicOperation {
    const entry: Entry = { info, until: this.#now() + this.#lifetimeMs };
    return atomic.set(entryKey(channel, info.client), entry, { expireIn: this.#lifetimeMs });
  }
}

function entryKey(channel: string, client: string): Deno.KvKey {
  return ["nhip", "presence", channel, client];
}

function ownId(channel: string, client: string): string {
  return `${channel}\n${client}`;
}
