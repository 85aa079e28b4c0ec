/**
 * Group commit: what is waiting while one commit is under way goes into the next, so that under
 * load one commit keeps many publications. Each commit checks the heads it moves: if another
 * isolate was faster, heads are read again and the same publications get later offsets.
 */
import { isLocked, shortWait } from "../../kv/retry.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import type { Publication } from "../../protocol/publication.ts";
import type { Published } from "../broker.ts";
import { type Append, byChannel, type Head, type Moved, number, sizeOf, write } from "./append.ts";
import { readHead } from "./log.ts";
import { lookUpUsed, markUsed, usedId } from "./once.ts";

interface Waiting extends Append {
  readonly bytes: number;
  resolve(published: Published): void;
  reject(error: unknown): void;
}

/** What a commit may hold, well inside the store's 1,000 mutations, 100 checks and 800 KiB. */
const limits = { appends: 500, bytes: 400_000, channels: 40, once: 40 };
/** More than this waiting: new appends are refused, so that the queue stays bounded. */
const maxWaitingBytes = 32 * 1024 * 1024;
const maxAttempts = 200;
const maxCachedHeads = 20_000;

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
  readonly #heads = new Map<string, Head>();
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
    const bytes = sizeOf(append.draft);
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
        await this.#commitWithRetries(group);
      } catch (error) {
        for (const one of group) this.#heads.delete(one.channel);
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

  async #commitWithRetries(group: Waiting[]): Promise<void> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      try {
        if (await this.#commit(group)) return;
      } catch (error) {
        if (!isLocked(error)) throw error;
      }
      // Another isolate moved a head, or holds the database: its commits are short, so are waits.
      for (const one of group) this.#heads.delete(one.channel);
      await shortWait(Math.min(50, 2 * attempt));
    }
    throw new ProtocolError("tooManyRequests", "the log is busy");
  }

  /** False when a head or an idempotency key changed under it: nothing was written. */
  async #commit(group: Waiting[]): Promise<boolean> {
    const { kv } = this.#options;
    const time = this.#now();
    const used = await lookUpUsed(kv, group, time);
    const atomic = kv.atomic();
    const results = new Map<Waiting, Published>();
    const publications: Publication[] = [];
    const moved: Moved[] = [];
    for (const [channel, appends] of byChannel(group)) {
      const fresh = appends.filter((one) => used.get(usedId(one))?.before === undefined);
      const [first] = fresh;
      if (first === undefined) continue;
      const head = await this.#head(channel);
      const added = number(fresh, head.position, time, results);
      const position = { epoch: head.position.epoch, offset: head.position.offset + added.length };
      write(atomic, head, added, { channel, position, retention: first.retention });
      publications.push(...added);
      moved.push({ channel, position, retention: first.retention });
    }
    for (const one of group) {
      const { before, versionstamp = null } = used.get(usedId(one)) ?? {};
      const published = results.get(one) ?? before;
      if (published === undefined) continue;
      results.set(one, published);
      if (published.suppressed === null) {
        markUsed(atomic, one, published.position, versionstamp, time);
      }
    }
    if (moved.length > 0) {
      this.#options.ring?.(atomic);
      const committed = await atomic.commit();
      if (!committed.ok) return false;
      for (const { channel, position } of moved) {
        this.#remember(channel, { position, versionstamp: committed.versionstamp });
      }
      this.#options.onCommitted(publications, moved);
    }
    for (const [one, published] of results) one.resolve(published);
    return true;
  }

  async #head(channel: string): Promise<Head> {
    const known = this.#heads.get(channel);
    if (known !== undefined) return known;
    const { head, versionstamp } = await readHead(this.#options.kv, channel);
    const read = { position: head, versionstamp };
    this.#remember(channel, read);
    return read;
  }

  #remember(channel: string, head: Head): void {
    if (this.#heads.size >= maxCachedHeads && !this.#heads.has(channel)) {
      const [oldest] = this.#heads.keys();
      if (oldest !== undefined) this.#heads.delete(oldest);
    }
    this.#heads.set(channel, head);
  }
}
