/**
 * Calls on their way to the server and their answers. One that was sent and not answered when its
 * connection was lost is sent again: a publish has a key by which the server knows it.
 */
import { type Deferred, deferred } from "./deferred.ts";
import type { Command, Reply, WireError } from "./link.ts";
import { refusal } from "./refusal.ts";

interface Call {
  readonly id: number;
  readonly command: Command;
  /** Whether it may be sent again. */
  readonly repeats: boolean;
  /** Of several calls that wait with the same one, the last is sent. */
  readonly supersedes: string | undefined;
  readonly notBefore: number;
  readonly settled: Deferred<unknown>[];
}

export interface CallOptions {
  readonly repeats?: boolean;
  readonly supersedes?: string;
  /** Milliseconds between two calls with the same `supersedes`. */
  readonly everyMs?: number;
}

/** Calls that may wait, be it for their answers. */
const maxWaiting = 1_000;
/** Of one message to the server (PROTOCOL.md 2, 4). */
const batch = { calls: 100, length: 20_000 };

export class Calls {
  readonly #nextId: () => number;
  readonly #due: (inMs: number) => void;
  #waiting: Call[] = [];
  readonly #sent = new Map<number, Call>();
  /** When each `supersedes` was called last. */
  readonly #lastly = new Map<string, number>();

  /** @param due is called when calls wait that may be taken in so many milliseconds. */
  constructor(nextId: () => number, due: (inMs: number) => void) {
    this.#nextId = nextId;
    this.#due = due;
  }

  /** Whether one could be sent now. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** @returns the reply's member of the command's name. */
  call(command: Command, options: CallOptions = {}): Promise<unknown> {
    const { repeats = true, supersedes, everyMs = 0 } = options;
    const own = deferred<unknown>();
    const same = supersedes === undefined
      ? -1
      : this.#waiting.findIndex((one) => one.supersedes === supersedes);
    const earlier = this.#waiting[same];
    if (earlier !== undefined) {
      this.#waiting[same] = { ...earlier, command, settled: [...earlier.settled, own] };
      return own.promise;
    }
    if (this.#waiting.length + this.#sent.size >= maxWaiting) {
      return Promise.reject(refusal(106, `${maxWaiting} calls wait`));
    }
    const notBefore = supersedes === undefined ? 0 : this.#notBefore(supersedes, everyMs);
    const id = this.#nextId();
    this.#waiting.push({ id, command, repeats, supersedes, notBefore, settled: [own] });
    this.#due(Math.max(0, notBefore - Date.now()));
    return own.promise;
  }

  /** Takes calls to be sent together, joined by newlines; "": there are none to be sent now. */
  take(): string {
    const now = Date.now();
    const lines: string[] = [];
    let length = 0;
    let isFull = false;
    const later: Call[] = [];
    for (const one of this.#waiting) {
      const line = JSON.stringify({ id: one.id, ...one.command });
      // What comes after one that is left for the next message is left, too: the order is kept.
      isFull ||= lines.length >= batch.calls ||
        (lines.length > 0 && length + line.length > batch.length);
      if (isFull || one.notBefore > now) {
        later.push(one);
        continue;
      }
      lines.push(line);
      length += line.length;
      this.#sent.set(one.id, one);
    }
    this.#waiting = later;
    if (lines.length === 0 && later.length > 0) {
      this.#due(Math.min(...later.map(({ notBefore }) => notBefore)) - now);
    }
    return lines.join("\n");
  }

  /** Answers that nobody waits for are passed over. */
  reply({ id = 0, error, ...results }: Reply & Readonly<Record<string, unknown>>): void {
    const one = this.#sent.get(id);
    if (one === undefined) return;
    this.#sent.delete(id);
    if (error?.temporary) return this.#again([one]);
    const [method = ""] = Object.keys(one.command);
    if (error === undefined) { for (const { resolve } of one.settled) resolve(results[method]); }
    else this.#reject(one, error);
  }

  /** What was sent will not be answered. */
  lost(): void {
    const sent = [...this.#sent.values()];
    this.#sent.clear();
    for (const one of sent) {
      if (!one.repeats) this.#reject(one, { code: 0, message: "the connection was lost" });
    }
    this.#again(sent.filter(({ repeats }) => repeats));
  }

  /** Rejects what was sent, or everything. */
  fail(error: WireError, all: boolean): void {
    const calls = [...this.#sent.values(), ...all ? this.#waiting : []];
    this.#sent.clear();
    if (all) this.#waiting = [];
    for (const one of calls) this.#reject(one, error);
  }

  #again(calls: readonly Call[]): void {
    this.#waiting = [...calls, ...this.#waiting];
    if (this.isWaiting) this.#due(1_000);
  }

  #notBefore(supersedes: string, everyMs: number): number {
    const now = Date.now();
    const due = Math.max(now, (this.#lastly.get(supersedes) ?? 0) + everyMs);
    if (everyMs > 0) this.#lastly.set(supersedes, due);
    // What is over holds nothing back any more.
    if (this.#lastly.size > maxWaiting) {
      for (const [key, at] of this.#lastly) if (at + everyMs < now) this.#lastly.delete(key);
    }
    return due;
  }

  #reject({ settled }: Call, { code, message }: WireError): void {
    const reason = refusal(code, message);
    for (const { reject } of settled) reject(reason);
  }
}
