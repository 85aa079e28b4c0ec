/**
 * `edge:`: the log in Deno KV is the truth, BroadcastChannel the fast path between isolates. Needs
 * nothing but Deno, on a laptop and on Deploy.
 */
import type { Retention } from "../../channels.ts";
import {
  type Draft,
  type Publication,
  publicationOf,
  type Signal,
} from "../../protocol/publication.ts";
import type {
  Broker,
  BrokerContext,
  HistoryPage,
  HistoryQuery,
  Published,
  PublishOptions,
  StatePage,
  StateQuery,
} from "../broker.ts";
import { retryLocked } from "../../kv/retry.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { checkKey } from "../key_rules.ts";
import { Announcer, type Bus } from "./announcer.ts";
import type { Append, Moved } from "./append.ts";
import { type Bell, bell } from "./bell.ts";
import { Chores } from "./chores.ts";
import { beginAnew, sweep } from "./clear.ts";
import { Expiry } from "./expiry.ts";
import { GroupCommit } from "./group_commit.ts";
import { nearsEnd } from "./head.ts";
import { HeadCheck } from "./head_check.ts";
import { keys } from "./keys.ts";
import { lease, unlease } from "./lease.ts";
import { readHistory } from "./log.ts";
import { lookUpUsed, markUsed } from "./once.ts";
import { readState } from "./state.ts";
import { Trimmer } from "./trimmer.ts";

export interface EdgeOptions {
  /** Stays the caller's to close. */
  readonly kv: Deno.Kv;
  /** Isolates on the same bus hear each other at once. */
  readonly bus?: Bus;
  /**
   * Ring through the store as well: for isolates that share the store but no BroadcastChannel
   * (instances on Deploy). It works where `kv.watch` sees the others' commits.
   */
  readonly ring?: boolean;
  /** How often the log is looked at for announcements that were lost. */
  readonly headCheckMs?: number;
  readonly now?: () => number;
}

export function edgeBroker(context: BrokerContext, options: EdgeOptions): Broker {
  return new EdgeBroker(context, options);
}

type Idempotency = NonNullable<PublishOptions["idempotency"]>;

class EdgeBroker implements Broker {
  readonly #context: BrokerContext;
  readonly #kv: Deno.Kv;
  readonly #now: () => number;
  readonly #announcer: Announcer;
  readonly #commits: GroupCommit;
  readonly #expiry: Expiry;
  readonly #headCheck: HeadCheck;
  readonly #bell: Bell | undefined;
  readonly #subscribed = new Set<string>();
  readonly #chores: Chores;
  readonly #trimmer: Trimmer;

  constructor(context: BrokerContext, options: EdgeOptions) {
    this.#context = context;
    this.#kv = options.kv;
    this.#now = options.now ?? Date.now;
    this.#chores = new Chores(context.onError);
    this.#trimmer = new Trimmer(options.kv, this.#chores);
    this.#announcer = new Announcer(options.bus ?? new BroadcastChannel("nhip"), {
      publications: (publications) => this.#deliver(publications),
      head: (channel, position) => {
        if (this.#subscribed.has(channel)) context.head(channel, position);
      },
      signal: (channel, signal) => this.#signalled(channel, signal),
      control: (message) => context.control(message),
      onError: context.onError,
    });
    this.#headCheck = new HeadCheck({
      kv: options.kv,
      everyMs: options.headCheckMs ?? 5_000,
      onHead: (channel, position) => context.head(channel, position),
      onError: (error) => context.onError(error, "head check"),
    });
    this.#bell = options.ring
      ? bell(options.kv, context.nodeId, () => this.#headCheck.checkNow(), context.onError)
      : undefined;
    const ring = this.#bell && ((atomic: Deno.AtomicOperation) => this.#bell?.ring(atomic));
    this.#commits = new GroupCommit({
      kv: options.kv,
      now: this.#now,
      onCommitted: (publications, moved) => this.#committed(publications, moved),
      ...(ring && { ring }),
    });
    this.#expiry = new Expiry({
      kv: options.kv,
      now: this.#now,
      append: (append) => this.#commits.append(append),
    });
  }

  subscribe(channel: string, retention: Retention | null): Promise<void> {
    this.#subscribed.add(channel);
    if (retention !== null) this.#headCheck.add(channel);
    return Promise.resolve();
  }

  unsubscribe(channel: string): Promise<void> {
    this.#subscribed.delete(channel);
    this.#headCheck.remove(channel);
    return Promise.resolve();
  }

  publish(channel: string, draft: Draft, options: PublishOptions): Promise<Published> {
    const { retention, idempotency } = options;
    if (retention !== null) {
      return this.#append({ ...options, channel, draft, retention })
        .catch((error) => this.#refuse(error));
    }
    return idempotency === undefined
      ? Promise.resolve(this.#send(channel, draft))
      : this.#sendOnce(channel, draft, idempotency).catch((error) => this.#refuse(error));
  }

  signal(channel: string, signal: Signal): void {
    this.#signalled(channel, signal);
    this.#announcer.signal(channel, signal);
  }

  history(channel: string, query: HistoryQuery): Promise<HistoryPage> {
    return retryLocked(() => readHistory(this.#kv, channel, query, this.#now()));
  }

  state(channel: string, query: StateQuery): Promise<StatePage> {
    return retryLocked(() => readState(this.#kv, channel, query, this.#now()));
  }

  async clear(channel: string): Promise<void> {
    const cleared = await beginAnew(this.#kv, channel);
    if (cleared === null) return;
    const { position, over } = cleared;
    this.#announcer.announceHead({ channel, position });
    if (this.#subscribed.has(channel)) this.#context.head(channel, position);
    this.#trimmer.forget(channel);
    this.#chores.add("clear", sweep(this.#kv, over));
  }

  lease(name: string, ttlMs: number): Promise<boolean> {
    const { nodeId } = this.#context;
    return retryLocked(() => lease(this.#kv, nodeId, name, ttlMs, this.#now()));
  }

  unlease(name: string): Promise<void> {
    return retryLocked(() => unlease(this.#kv, this.#context.nodeId, name));
  }

  post(message: string): void {
    this.#announcer.control(message);
  }

  async ready(): Promise<void> {
    await this.#kv.get(keys.bell);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#expiry.settled();
    await this.#commits.settled();
    await this.#chores.settled();
    this.#subscribed.clear();
    this.#announcer.close();
    await this.#bell?.close();
    await this.#headCheck.close();
  }

  async #append(append: Append): Promise<Published> {
    const { channel, draft, retention, keyed } = append;
    if (keyed !== undefined && draft.key !== undefined) checkKey(draft.key);
    try {
      return await this.#commits.append(append);
    } catch (error) {
      const full = error instanceof ProtocolError && error.code === 106;
      if (!full || keyed === undefined || keyed.ttlMs === null) throw error;
      if (!await this.#expiry.sweep({ channel, retention, keyed })) throw error;
      return await this.#commits.append(append);
    }
  }

  #send(channel: string, draft: Draft): Published {
    const publication = publicationOf(channel, draft, null, this.#now());
    this.#announcer.gather(publication);
    this.#deliver([publication]);
    return { position: null, suppressed: null };
  }

  async #sendOnce(channel: string, draft: Draft, idempotency: Idempotency): Promise<Published> {
    const one = { channel, idempotency };
    const now = this.#now();
    const [used] = (await retryLocked(() => lookUpUsed(this.#kv, [one], now))).values();
    if (used?.before !== undefined) return used.before;
    const marked = await retryLocked(() => {
      const atomic = this.#kv.atomic();
      markUsed(atomic, one, null, used?.versionstamp ?? null, now);
      return atomic.commit();
    });
    return marked.ok
      ? this.#send(channel, draft)
      : { position: null, suppressed: "idempotency" as const };
  }

  /** What the store throws is a matter for the log; the publisher may try again. */
  #refuse(error: unknown): never {
    if (error instanceof ProtocolError) throw error;
    this.#context.onError(error, "commit");
    throw new ProtocolError("tooManyRequests", "the log cannot be written");
  }

  #committed(publications: readonly Publication[], moved: readonly Moved[]): void {
    this.#announcer.announce(publications, moved);
    this.#deliver(publications);
    for (const one of moved) {
      this.#trimmer.moved(one);
      const { keyed, until, retention } = one;
      if (keyed !== undefined && nearsEnd(until, retention, this.#now())) {
        this.#chores.add("expiry", this.#expiry.sweep({ ...one, keyed }));
      }
    }
  }

  #deliver(publications: readonly Publication[]): void {
    const wanted = publications.filter(({ channel }) => this.#subscribed.has(channel));
    if (wanted.length > 0) this.#context.deliver(wanted);
  }

  #signalled(channel: string, signal: Signal): void {
    if (this.#subscribed.has(channel)) this.#context.signal(channel, signal);
  }
}
