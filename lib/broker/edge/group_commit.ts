/**
 * Group commit: what is waiting while one commit is under way goes into the next, so that under
 * load one commit keeps many publications. Each commit checks the heads it moves: if another
 * isolate was faster, heads are read again and the same publications get later offsets.
 */
import type { Retention } from "../../channels.ts";
import { isLocked, shortWait } from "../../kv/retry.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import {
  type Draft,
  encodeBody,
  type Publication,
  type StreamPosition,
} from "../../protocol/publication.ts";
import type { Published } from "../broker.ts";
import { headLifetimeMs, keys, readHead } from "./log.ts";
import { toRows } from "./segment.ts";

export interface Append {
  readonly channel: string;
  readonly draft: Draft;
  readonly retention: Retention;
  readonly idempotency?: { readonly key: string; readonly ttlMs: number };
}

interface Waiting extends Append {
  /** At least what it takes in the log. */
  readonly bytes: number;
  resolve(published: Published): void;
  reject(error: unknown): void;
}

interface Head {
  readonly position: StreamPosition;
  readonly versionstamp: string;
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

export interface Moved {
  readonly channel: string;
  readonly position: StreamPosition;
  readonly retention: Retention;
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

  /** Forgets what is known of a channel's head. */
  forget(channel: string): void {
    this.#heads.delete(channel);
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
    const seen = await this.#lookUpOnce(group);
    const atomic = kv.atomic();
    const time = this.#now();
    const results = new Map<Waiting, Published>();
    const publications: Publication[] = [];
    const moved: Moved[] = [];
    for (const [channel, appends] of groupByChannel(group)) {
      const fresh = appends.filter((one) => !settle(one, seen, results));
      const [first] = fresh;
      if (first === undefined) continue;
      const head = await this.#head(channel, first.retention);
      const added = number(channel, fresh, head.position, time, results);
      const position = { epoch: head.position.epoch, offset: head.position.offset + added.length };
      write(atomic, channel, head, position, added, first.retention, time);
      publications.push(...added);
      moved.push({ channel, position, retention: first.retention });
    }
    writeOnce(atomic, group, results);
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

  /** The results of idempotency keys that were used before, by channel and key. */
  async #lookUpOnce(group: Waiting[]): Promise<Map<string, Published>> {
    const seen = new Map<string, Published>();
    const asked = group.filter((one) => one.idempotency !== undefined);
    for (let at = 0; at < asked.length; at += 10) {
      const some = asked.slice(at, at + 10);
      const wanted = some.map((one) => keys.once(one.channel, one.idempotency?.key ?? ""));
      const entries = await this.#options.kv.getMany<StreamPosition[]>(wanted);
      entries.forEach(({ value }, i) => {
        const one = some[i];
        if (value !== null && one !== undefined) {
          seen.set(onceId(one), { position: value, duplicate: true });
        }
      });
    }
    return seen;
  }

  async #head(channel: string, retention: Retention): Promise<Head> {
    const known = this.#heads.get(channel);
    if (known !== undefined) return known;
    const { head, versionstamp } = await readHead(this.#options.kv, channel, retention);
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

function onceId(one: Append): string {
  return `${one.channel}\n${one.idempotency?.key ?? ""}`;
}

/** Whether the append is a repeat of a kept one; its result then is that one's. */
function settle(
  one: Waiting,
  seen: ReadonlyMap<string, Published>,
  results: Map<Waiting, Published>,
): boolean {
  const before = one.idempotency && seen.get(onceId(one));
  if (before === undefined) return false;
  results.set(one, before);
  return true;
}

function groupByChannel(group: Waiting[]): Map<string, Waiting[]> {
  const byChannel = new Map<string, Waiting[]>();
  for (const one of group) {
    const list = byChannel.get(one.channel);
    if (list === undefined) byChannel.set(one.channel, [one]);
    else list.push(one);
  }
  return byChannel;
}

/** Gives the appends their offsets after `head`; a key repeated within the group counts once. */
function number(
  channel: string,
  appends: Waiting[],
  head: StreamPosition,
  time: number,
  results: Map<Waiting, Published>,
): Publication[] {
  const added: Publication[] = [];
  const inGroup = new Map<string, StreamPosition>();
  for (const one of appends) {
    const repeated = one.idempotency && inGroup.get(one.idempotency.key);
    if (repeated !== undefined) {
      results.set(one, { position: repeated, duplicate: true });
      continue;
    }
    const position = { epoch: head.epoch, offset: head.offset + added.length + 1 };
    if (one.idempotency !== undefined) inGroup.set(one.idempotency.key, position);
    added.push({ channel, position, body: encodeBody(one.draft, position, time), time });
    results.set(one, { position, duplicate: false });
  }
  return added;
}

function write(
  atomic: Deno.AtomicOperation,
  channel: string,
  head: Head,
  position: StreamPosition,
  added: Publication[],
  retention: Retention,
  time: number,
): void {
  const headKey = keys.head(channel);
  atomic.check({ key: headKey, versionstamp: head.versionstamp });
  atomic.set(headKey, position, { expireIn: headLifetimeMs(retention) });
  for (const row of toRows(added, time)) {
    atomic.set(keys.row(channel, position.epoch, row), row.bytes, { expireIn: retention.ttlMs });
  }
}

function writeOnce(
  atomic: Deno.AtomicOperation,
  group: Waiting[],
  results: ReadonlyMap<Waiting, Published>,
): void {
  for (const one of group) {
    const published = results.get(one);
    if (one.idempotency === undefined || published === undefined || published.duplicate) continue;
    const key = keys.once(one.channel, one.idempotency.key);
    atomic.check({ key, versionstamp: null });
    atomic.set(key, published.position, { expireIn: one.idempotency.ttlMs });
  }
}

/** Bytes of UTF-8, rather too many than too few. */
function sizeOf({ data, info, tags }: Draft): number {
  const beside = JSON.stringify([info, tags]).length * 3;
  return data.length * (isAscii(data) ? 1 : 3) + beside + 256;
}

function isAscii(text: string): boolean {
  // deno-lint-ignore no-control-regex -- the range is the point
  return /^[\x00-\x7f]*$/.test(text);
}
