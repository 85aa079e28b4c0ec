/**
 * Calls on their way to the server and their answers. One that was sent and not answered when its
 * way was lost is sent again: a publish has a key by which the server knows it for a while.
 */
import { type Deferred, deferred } from "./deferred.ts";
import type { Command, Reply, WireError } from "./link.ts";
import { refusal } from "./refusal.ts";

interface Call {
  /** The server's answer names it; a call that is replaced by another value has a new one. */
  readonly id: number;
  /** The command's name, and the rest of its line after the id. */
  readonly method: string;
  readonly body: string;
  /** It may be sent again for so long after it was sent first. */
  readonly repeatsMs: number;
  /** Of several calls with the same one that are not answered yet, the last counts. */
  readonly supersedes: string | undefined;
  readonly notBefore: number;
  readonly settled: Deferred<unknown>[];
  /** What it was sent by. */
  by: object | undefined;
  /** undefined: never. */
  firstSentAt: number | undefined;
}

/**
 * The server knows what was published by its key for five minutes (PROTOCOL.md 4); a publish whose
 * answer was lost is sent again for so long.
 */
export const knownMs = 4 * 60_000;

export interface CallOptions {
  /** Milliseconds in which it may be sent again although it may have been done; absent: always. */
  readonly repeatsMs?: number;
  readonly supersedes?: string;
  /** Milliseconds between two calls with the same `supersedes`. */
  readonly everyMs?: number;
}

/** Calls that may wait, be it for their answers. */
const maxWaiting = 1_000;
/** Of one message to the server (PROTOCOL.md 2, 4). */
const batch = { calls: 100, length: 20_000 };
/** After an error that is temporary nothing is sent for so long. */
const againMs = 1_000;
/** Of one command in UTF-8: what the server takes as one message, less its id. */
const maxBytes = 65_000;
const encoder = new TextEncoder();

export class Calls {
  readonly #nextId: () => number;
  readonly #due: (inMs: number) => void;
  #waiting: Call[] = [];
  readonly #sent = new Map<number, Call>();
  /** When each `supersedes` is free again. */
  readonly #freeAt = new Map<string, number>();
  /** Nothing is sent before. */
  #heldUntil = 0;

  /** @param due is called when calls wait that may be taken in so many milliseconds. */
  constructor(nextId: () => number, due: (inMs: number) => void) {
    this.#nextId = nextId;
    this.#due = due;
  }

  /** Milliseconds until some can be taken; undefined: none waits. */
  get readyInMs(): number | undefined {
    if (this.#waiting.length === 0) return undefined;
    const soonest = Math.min(...this.#waiting.map(({ notBefore }) => notBefore));
    return Math.max(0, Math.max(soonest, this.#heldUntil) - performance.now());
  }

  /**
   * @returns the reply's member of the command's name. Rejects with what JSON says of data that it
   * cannot hold, and with 106 where too much waits or the command is larger than a message.
   */
  call(command: Command, options: CallOptions = {}): Promise<unknown> {
    const { repeatsMs = Infinity, supersedes, everyMs = 0 } = options;
    const [method = ""] = Object.keys(command);
    // As the data is now: the application may change it.
    const body = JSON.stringify(command).slice(1);
    if (body.length * 3 > maxBytes && encoder.encode(body).length > maxBytes) {
      throw refusal(106, `larger than ${maxBytes} bytes`);
    }
    const own = deferred<unknown>();
    const id = this.#nextId();
    const call = { id, method, body, repeatsMs, supersedes, by: undefined, firstSentAt: undefined };
    const same = supersedes === undefined
      ? -1
      : this.#waiting.findIndex((one) => one.supersedes === supersedes);
    const earlier = this.#waiting[same];
    if (earlier !== undefined) {
      const { notBefore, settled } = earlier;
      this.#waiting[same] = { ...call, notBefore, settled: [...settled, own] };
      return own.promise;
    }
    if (this.#waiting.length + this.#sent.size >= maxWaiting) {
      throw refusal(106, `${maxWaiting} calls wait`);
    }
    const now = performance.now();
    const notBefore = supersedes === undefined || everyMs === 0
      ? now
      : this.#notBefore(supersedes, everyMs, now);
    this.#waiting.push({ ...call, notBefore, settled: [own] });
    this.#due(notBefore - now);
    return own.promise;
  }

  /**
   * Takes calls to be sent together, joined by newlines; "": there are none to be sent now.
   * @param by what they are sent by.
   */
  take(by: object): string {
    const now = performance.now();
    const lines: string[] = [];
    let length = 0;
    let isFull = this.#heldUntil > now;
    const later: Call[] = [];
    for (const one of this.#waiting) {
      if (now - (one.firstSentAt ?? now) > one.repeatsMs) {
        this.#reject(one, { code: 0, message: "nobody knows whether it was done" });
        continue;
      }
      const line = `{"id":${one.id},${one.body}`;
      // What comes after one that is left for the next message is left, too: the order is kept.
      isFull ||= lines.length >= batch.calls ||
        (lines.length > 0 && length + line.length > batch.length);
      if (isFull || one.notBefore > now) {
        later.push(one);
        continue;
      }
      lines.push(line);
      length += line.length;
      one.by = by;
      one.firstSentAt ??= now;
      this.#sent.set(one.id, one);
    }
    this.#waiting = later;
    if (lines.length === 0) this.#tellDue();
    return lines.join("\n");
  }

  /** Answers that nobody waits for are passed over. */
  reply({ id = 0, error, ...results }: Reply & Readonly<Record<string, unknown>>): void {
    const one = this.#sent.get(id);
    if (one === undefined) return;
    this.#sent.delete(id);
    if (error?.temporary) {
      this.#heldUntil = performance.now() + againMs;
      return this.#again([one]);
    }
    if (error === undefined) {
      for (const { resolve } of one.settled) resolve(results[one.method]);
    } else this.#reject(one, error);
  }

  /** What was sent that way will not be answered, and may have been done. */
  lost(by: object, afterMs = 0): void {
    for (const one of this.#sentBy(by)) {
      if (one.repeatsMs > 0) continue;
      this.#sent.delete(one.id);
      this.#reject(one, { code: 0, message: "the connection was lost" });
    }
    this.undone(by, afterMs);
  }

  /** Nothing of what was sent that way was done. */
  undone(by: object, afterMs = 0): void {
    const calls = this.#sentBy(by);
    for (const { id } of calls) this.#sent.delete(id);
    if (afterMs > 0) this.#heldUntil = performance.now() + afterMs;
    this.#again(calls);
  }

  /** There is a better way now: what was sent that one and may be repeated is sent again. */
  moved(by: object): void {
    const calls = this.#sentBy(by).filter(({ repeatsMs }) => repeatsMs > 0);
    for (const { id } of calls) this.#sent.delete(id);
    this.#again(calls);
  }

  /** Rejects what was sent that way; absent: everything. */
  fail({ code, message }: WireError, by?: object): void {
    const calls = by === undefined
      ? [...this.#sent.values(), ...this.#waiting.splice(0)]
      : this.#sentBy(by);
    for (const one of calls) {
      this.#sent.delete(one.id);
      this.#reject(one, { code, message });
    }
  }

  #sentBy(by: object): readonly Call[] {
    return [...this.#sent.values()].filter((one) => one.by === by);
  }

  /** A value that a later one of its key has replaced is not sent again: it would come after that. */
  #again(calls: readonly Call[]): void {
    const before: Call[] = [];
    for (const one of calls) {
      const last = one.supersedes === undefined
        ? one
        : [...this.#sent.values(), ...this.#waiting, ...calls]
          .filter(({ supersedes }) => supersedes === one.supersedes)
          .reduce((last, other) => other.id > last.id ? other : last);
      if (last === one) before.push(one);
      else last.settled.unshift(...one.settled);
    }
    this.#waiting = [...before, ...this.#waiting];
    this.#tellDue();
  }

  #tellDue(): void {
    const { readyInMs } = this;
    if (readyInMs !== undefined) this.#due(readyInMs);
  }

  #notBefore(supersedes: string, everyMs: number, now: number): number {
    const due = Math.max(now, this.#freeAt.get(supersedes) ?? 0);
    this.#freeAt.set(supersedes, due + everyMs);
    // What is over holds nothing back any more.
    if (this.#freeAt.size > maxWaiting) {
      for (const [key, at] of this.#freeAt) if (at < now) this.#freeAt.delete(key);
    }
    return due;
  }

  #reject({ settled }: Call, { code, message }: WireError): void {
    const reason = refusal(code, message);
    for (const { reject } of settled) reject(reason);
  }
}
