/**
 * Presence as state channels: who is subscribed to a channel stands in another one, by the id of the
 * connection or of the user, and is renewed there before its time is over. So whoever watches it
 * gets a snapshot and the changes, and those whose node has died go by themselves.
 */
import type { Broker, PublishOptions } from "../broker/broker.ts";
import type { ChannelRegistry, Namespace } from "../channels.ts";
import type { ClientInfo, Draft } from "../protocol/publication.ts";

export interface InStateOptions {
  readonly registry: ChannelRegistry;
  readonly broker: Pick<Broker, "publish">;
  readonly onError: (error: unknown, stage: string) => void;
}

interface Entry {
  readonly channel: string;
  readonly draft: Draft;
  readonly options: PublishOptions;
}

/** Those that are renewed together. */
interface Kept {
  readonly entries: Set<Entry>;
  readonly timer: ReturnType<typeof setInterval>;
  renewing: boolean;
}

/** Renewals of one lifetime: often enough that two may fail. */
const renewals = 3;
/** Renewals under way: few enough that they do not crowd out everything else. */
const maxAtOnce = 100;
/** Timers take no more. */
const maxTimerMs = 2 ** 31 - 1;

export class PresenceInState implements Disposable {
  readonly #options: InStateOptions;
  /** By the time between renewals. */
  readonly #kept = new Map<number, Kept>();
  #disposed = false;

  constructor(options: InStateOptions) {
    this.#options = options;
  }

  /** Resolves when the client stands where the rules say; never rejects. Returns how it leaves. */
  async enter(
    channel: string,
    { presenceIn }: Namespace,
    info: ClientInfo,
  ): Promise<() => void> {
    const { clients, users } = presenceIn ?? {};
    const leaves: (() => void)[] = [];
    if (clients !== undefined) {
      const entry = this.#entry(clients + channel, { data: "null", key: info.client, info });
      leaves.push(await this.#add(entry, true));
    }
    if (users !== undefined && info.user !== "") {
      const entry = this.#entry(users + channel, { data: "null", key: info.user });
      leaves.push(await this.#add(entry, false));
    }
    return () => {
      for (const leave of leaves) leave();
    };
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const { timer } of this.#kept.values()) clearInterval(timer);
    this.#kept.clear();
  }

  #entry(channel: string, draft: Draft): Entry {
    const { history: retention, keyed } = this.#options.registry.rules(channel);
    return { channel, draft, options: { retention, ...(keyed && { keyed }) } };
  }

  /** @param removable a user may be there by another connection: its time has to be over. */
  async #add(entry: Entry, removable: boolean): Promise<() => void> {
    const ttlMs = entry.options.keyed?.ttlMs ?? null;
    await this.#publish(entry);
    const everyMs = ttlMs === null ? null : Math.min(ttlMs / renewals, maxTimerMs);
    if (everyMs !== null) this.#keep(entry, everyMs);
    return () => {
      if (everyMs !== null) this.#forget(entry, everyMs);
      const { key = "" } = entry.draft;
      if (removable) this.#publish({ ...entry, draft: { data: "null", key, removed: true } });
    };
  }

  #keep(entry: Entry, everyMs: number): void {
    if (this.#disposed) return;
    const kept = this.#kept.get(everyMs) ?? this.#begin(everyMs);
    kept.entries.add(entry);
  }

  #begin(everyMs: number): Kept {
    const timer = setInterval(() => this.#renew(kept), everyMs);
    const kept: Kept = { entries: new Set(), timer, renewing: false };
    this.#kept.set(everyMs, kept);
    return kept;
  }

  #forget(entry: Entry, everyMs: number): void {
    const kept = this.#kept.get(everyMs);
    if (kept === undefined || !kept.entries.delete(entry) || kept.entries.size > 0) return;
    clearInterval(kept.timer);
    this.#kept.delete(everyMs);
  }

  async #renew(kept: Kept): Promise<void> {
    // Where the broker is slow, one round may last longer than the time between two.
    if (kept.renewing) return;
    kept.renewing = true;
    const entries = [...kept.entries];
    for (let at = 0; at < entries.length; at += maxAtOnce) {
      const some = entries.slice(at, at + maxAtOnce).filter((entry) => kept.entries.has(entry));
      await Promise.all(some.map((entry) => this.#publish(entry)));
    }
    kept.renewing = false;
  }

  async #publish({ channel, draft, options }: Entry): Promise<void> {
    try {
      await this.#options.broker.publish(channel, draft, options);
    } catch (error) {
      this.#options.onError(error, "presence");
    }
  }
}
