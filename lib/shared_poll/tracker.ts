/**
 * The keys that one connection follows in one channel, and what it has been sent of them. What it
 * has yet to be sent is a set of keys, not a queue: a slow connection gets the latest value of each.
 */
import { disconnects } from "../protocol/disconnects.ts";
import { drained, type Transport } from "../transport/transport.ts";
import type { Entry } from "./entry.ts";

export interface TrackerOptions {
  readonly transport: Transport<string>;
  /** The subscription is of another epoch now; the tracker has ended or is about to be. */
  readonly outdated: () => void;
  /** A value was replaced by a later one before it was sent. */
  readonly conflated: () => void;
  readonly onError: (error: unknown, stage: string) => void;
}

interface Tracked {
  readonly entry: Entry;
  /** What the connection has. */
  version: number;
  /** Unix milliseconds after which it must not be sent any more; null: no end. */
  readonly until: number | null;
}

/** UTF-16 units that are sent before the client is seen to read on. */
const pageLength = 128 * 1024;
/** A client that reads nothing of what it follows is slow. */
const patienceMs = 25_000;

export class Tracker {
  readonly #options: TrackerOptions;
  readonly #keys = new Map<string, Tracked>();
  /** What has changed since it was sent; a removed key is no longer among the others. */
  readonly #dirty = new Map<string, Entry>();
  #state: "open" | "draining" | "ended" = "open";

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#keys.size;
  }

  get entries(): Entry[] {
    return [...this.#keys.values()].map(({ entry }) => entry);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Follows a key, or goes on to with another version and end. */
  track(entry: Entry, version: number, until: number | null): void {
    this.#keys.set(entry.key, { entry, version, until });
    this.#dirty.delete(entry.key);
    entry.trackers.add(this);
    this.changed(entry);
  }

  /** Returns what it followed. */
  untrack(key: string): Entry | undefined {
    const entry = this.#keys.get(key)?.entry;
    this.#keys.delete(key);
    this.#dirty.delete(key);
    entry?.trackers.delete(this);
    return entry;
  }

  /** Keys that must not be sent any more. */
  over(now: number): string[] {
    const keys: string[] = [];
    for (const [key, tracked] of this.#keys) if (isOver(tracked, now)) keys.push(key);
    return keys;
  }

  /** A key has another value; `flush` sends it. */
  changed(entry: Entry): void {
    const tracked = this.#keys.get(entry.key);
    if (tracked === undefined || !isNews(entry, tracked) || isOver(tracked, Date.now())) return;
    if (this.#dirty.has(entry.key)) this.#options.conflated();
    this.#dirty.set(entry.key, entry);
    if (entry.value.kind === "removed") this.#keys.delete(entry.key);
  }

  /** Sends what has changed, as far as the client reads; the rest follows by itself. */
  flush(): void {
    if (this.#state !== "open") return;
    const { transport } = this.#options;
    while (this.#dirty.size > 0) {
      if (transport.backlog > pageLength) return void this.#drain();
      const text = this.#page();
      if (text !== "") transport.send(text);
    }
  }

  /** Of another epoch than its client was told. */
  outdate(): void {
    this.#options.outdated();
  }

  end(): void {
    this.#state = "ended";
    for (const key of [...this.#keys.keys()]) this.untrack(key);
    this.#dirty.clear();
  }

  #page(): string {
    const now = Date.now();
    let text = "";
    for (const [key, entry] of this.#dirty) {
      if (text.length > pageLength) break;
      this.#dirty.delete(key);
      const push = this.#take(entry, now);
      if (push !== null) text += text === "" ? push : `\n${push}`;
    }
    return text;
  }

  /** The push that brings the connection up to date; null: it must not have it, or has it. */
  #take({ key, value }: Entry, now: number): string | null {
    if (value.kind === "removed") return value.push;
    const tracked = this.#keys.get(key);
    if (tracked === undefined || value.kind === "unknown" || isOver(tracked, now)) return null;
    if (tracked.version >= value.version) return null;
    tracked.version = value.version;
    return value.push;
  }

  /** Never rejects. */
  async #drain(): Promise<void> {
    this.#state = "draining";
    const { transport, onError } = this.#options;
    const open = () => this.#state === "draining";
    try {
      const reading = await drained(transport, pageLength, patienceMs, open);
      if (!open()) return;
      this.#state = "open";
      if (reading) this.flush();
      else transport.close(disconnects.slow);
    } catch (error) {
      onError(error, "shared poll");
      transport.close(disconnects.serverError);
    }
  }
}

function isNews({ value }: Entry, { version }: Tracked): boolean {
  return value.kind === "removed" || (value.kind === "known" && value.version > version);
}

function isOver({ until }: Tracked, now: number): boolean {
  return until !== null && until < now;
}
