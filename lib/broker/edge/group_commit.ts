/**
 * Group commit: what is waiting while one commit is under way goes into the next, so that under
 * load one commit keeps many publications. Each commit checks the heads it moves: if another
 * isolate was faster, heads are read again and the same publications get later offsets.
 */
import { isLocked, shortWait } from "../../kv/retry.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import type { Publication } from "../../protocol/publication.ts";
import type { Published } from "../broker.ts";
import { type Append, byChannel, type Moved, sizeOf, stateKey } from "./append.ts";
import { readHead } from "./head.ts";
import { type Known, KnownChannels, KnownEntries } from "./known.ts";
import { lookUpUsed, markUsed, type Used, usedId } from "./once.ts";
import { ChannelPlan } from "./plan.ts";
import { Room } from "./room.ts";
import { readEntries } from "./state.ts";

interface Waiting extends Append {
  readonly bytes: number;
  resolve(published: Published): void;
  reject(error: unknown): void;
}

/** What a commit may hold besides its room, well inside the store's 100 checks and 800 KiB. */
const limits = { appends: 500, bytes: 400_000, channels: 40, once: 40 };
/** More than this waiting: new appends are refused, so that the queue stays bounded. */
const maxWaitingBytes = 32 * 1024 * 1024;
const maxAttempts = 200;

/** What becomes of a group: nothing was written, or all but those that had no room. */
type Outcome = { readonly kind: "conflict" } | { readonly kind: "kept"; readonly left: Waiting[] };
/** An error is one's own: it holds at the head that was committed. */
type Result = Published | ProtocolError;

export interface GroupCommitOptions {
  readonly kv: Deno.Kv;
  /** Called after each commit, before its appends resolve. */
  readonly onCommitted: (publications: readonly Publication[], heads: readonly Moved[]) => void;
  /** Rung with each commit where isolates of other processes must hear of it through the store. */
  readonly ring?: (atomic: Deno.AtomicOperation) => void;
  readonly now?: () => number;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #now: () => number;
  readonly #known = new KnownChannels();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Resolves once kept. @throws ProtocolError 111 when too much waits or the store stays busy. */
  append(append: Append): Promise<Published> {
    if (this.#waitingBytes > maxWaitingBytes) {
      return Promise.reject(new ProtocolError("tooManyRequests", "the log is behind"));
    }
    const bytes = sizeOf(append);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...append, bytes, resolve, reject });
      this.#waitingBytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // What is published in the same turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#take();
      try {
        const left = await this.#commitWithRetries(group);
        for (const one of left) this.#waitingBytes += one.bytes;
        if (left.length > 0) this.#waiting = [...left, ...this.#waiting];
      } catch (error) {
        for (const one of group) this.#known.delete(one.channel);
        for (const one of group) one.reject(error);
      }
    }
    this.#running = undefined;
  }

  #take(): Waiting[] {
    const channels = new Set<string>();
    let bytes = 0;
    let once = 0;
    let count = 0;
    for (const one of this.#waiting) {
      channels.add(one.channel);
      bytes += one.bytes;
      if (one.idempotency !== undefined) once++;
      const full = count >= limits.appends || channels.size > limits.channels ||
        once > limits.once || (count > 0 && bytes > limits.bytes);
      if (full) break;
      count++;
      this.#waitingBytes -= one.bytes;
    }
    return this.#waiting.splice(0, count);
  }

  /** Resolves to those that are to go into the next commit. */
  async #commitWithRetries(group: Waiting[]): Promise<Waiting[]> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      try {
        const outcome = await this.#commit(group);
        if (outcome.kind === "kept") return outcome.left;
      } catch (error) {
        if (!isLocked(error)) throw error;
      }
      // Another isolate moved a head, or holds the database: its commits are short, so are waits.
      for (const one of group) this.#known.delete(one.channel);
      await shortWait(Math.min(50, 2 * attempt));
    }
    throw new ProtocolError("tooManyRequests", "the log is busy");
  }

  /** A conflict: a head or an idempotency key changed under it. */
  async #commit(group: Waiting[]): Promise<Outcome> {
    const time = this.#now();
    const used = await lookUpUsed(this.#options.kv, group, time);
    const results = new Map<Waiting, Result>();
    const left: Waiting[] = [];
    const fresh: Waiting[] = [];
    for (const one of group) {
      const before = used.get(usedId(one))?.before;
      if (before === undefined) fresh.push(one);
      else results.set(one, before);
    }
    const plans = new Map<string, ChannelPlan>();
    const room = new Room();
    for (const [channel, appends] of byChannel(fresh)) {
      const known = await this.#knowing(channel, appends, time);
      const plan = new ChannelPlan(channel, known, time);
      plans.set(channel, plan);
      const taken = appends.findIndex((one) => {
        if (!plan.fits(one, one.bytes, room)) return true;
        results.set(one, resultOf(plan, one));
        return false;
      });
      if (taken >= 0) left.push(...appends.slice(taken));
    }
    if (plans.size > 0 && !await this.#write(plans, results, used, time)) {
      return { kind: "conflict" };
    }
    for (const [one, result] of results) {
      if (result instanceof ProtocolError) one.reject(result);
      else one.resolve(result);
    }
    return { kind: "kept", left };
  }

  /**
   * Commits the plans and the idempotency keys that were used. Where all was suppressed the commit
   * is a mere check: the answers hold if no head has moved.
   */
  async #write(
    plans: ReadonlyMap<string, ChannelPlan>,
    results: ReadonlyMap<Waiting, Result>,
    used: ReadonlyMap<string, Used>,
    time: number,
  ): Promise<boolean> {
    const atomic = this.#options.kv.atomic();
    const publications: Publication[] = [];
    const moved: Moved[] = [];
    for (const plan of plans.values()) {
      plan.write(atomic);
      publications.push(...plan.added);
      if (plan.moved !== undefined) moved.push(plan.moved);
    }
    for (const [one, result] of results) {
      if (result instanceof ProtocolError || result.suppressed !== null) continue;
      markUsed(atomic, one, result.position, used.get(usedId(one))?.versionstamp ?? null, time);
    }
    if (moved.length > 0) this.#options.ring?.(atomic);
    const committed = await atomic.commit();
    if (!committed.ok) return false;
    for (const [channel, plan] of plans) {
      this.#known.set(channel, plan.committed(committed.versionstamp));
    }
    if (moved.length > 0) this.#options.onCommitted(publications, moved);
    return true;
  }

  /** The channel's head and, at that head or a later one, the keys that the appends are about. */
  async #knowing(channel: string, appends: readonly Waiting[], now: number): Promise<Known> {
    const { kv } = this.#options;
    const before = this.#known.get(channel);
    const over = before === undefined || (before.head.until ?? Infinity) <= now;
    const known = over
      ? { head: await readHead(kv, channel, now), entries: new KnownEntries() }
      : before;
    const { head, entries } = known;
    const asked = new Set<string>();
    for (const one of appends) {
      const key = stateKey(one);
      if (key !== undefined && entries.get(key) === undefined) asked.add(key);
    }
    // Who knows all that are there knows that the others are not.
    if (entries.there === head.fill.keys) { for (const key of asked) entries.set(key, null); }
    else {
      for (const [key, entry] of await readEntries(kv, channel, head.position.epoch, [...asked])) {
        entries.set(key, entry);
      }
    }
    return known;
  }
}

function resultOf(plan: ChannelPlan, one: Append): Result {
  try {
    return plan.take(one);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}
