/** One channel whose keys are followed in this isolate: who follows what, and what is known. */
import type { Clock } from "../clock.ts";
import { isSame } from "../bridge/diff.ts";
import { fetchBounded, parseJson } from "../bridge/fetch_json.ts";
import { PollError, type PollErrorKind } from "../bridge/poll_error.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { type AnsweredItem, decodeAnswer } from "./answer.ts";
import { type Entry, knownValue, removedValue, type Value } from "./entry.ts";
import { KeyTable } from "./key_table.ts";
import { PollLane } from "./poll_lane.ts";
import type { SharedPollRules } from "./rules.ts";
import { Tracker, type TrackerOptions } from "./tracker.ts";

export type PollOutcome = "changed" | "unchanged" | PollErrorKind;

export interface PollChannelOptions {
  readonly channel: string;
  readonly rules: SharedPollRules;
  /** Of the back end's values, as far as they are known; "": it has told none yet. */
  readonly epoch: string;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly onPolled: (outcome: PollOutcome) => void;
  /** The back end begins to fail or an item is left out, and why; null: it answers again. */
  readonly onChange: (failure: string | null) => void;
  readonly onConflated: () => void;
  readonly onEpoch: (epoch: string) => void;
  /** Nobody is subscribed any more. */
  readonly onEmpty: () => void;
  /** Something that ends by itself soon after the last key is given up. */
  readonly running: (work: Promise<void>) => void;
  readonly onError: (error: unknown, stage: string) => void;
}

/** A key that a connection is to follow. */
export interface Wanted {
  readonly key: string;
  /** What the connection has; 0: nothing. */
  readonly version: number;
  /** Unix milliseconds; null: for good. */
  readonly until: number | null;
}

export interface Publishing {
  readonly key: string;
  /** The data as JSON. */
  readonly text: string;
  readonly version: number;
  /** "": whichever is the channel's. */
  readonly epoch: string;
}

/** Different faults that are told of one channel. */
const maxTold = 20;

export class PollChannel {
  readonly #options: PollChannelOptions;
  readonly #keys = new KeyTable();
  readonly #subscribers = new Set<Tracker>();
  readonly #lane: PollLane;
  #epoch: string;
  /** The last version given here, where the back end gives none. */
  #version = 0;
  /** Counts the requests. */
  #request = 0;
  #failing = false;
  /** Of items that were left out. */
  readonly #told = new Set<string>();

  constructor(options: PollChannelOptions) {
    this.#options = options;
    this.#epoch = options.epoch;
    const { rules, clock, onError } = options;
    this.#lane = new PollLane({
      everyMs: rules.everyMs,
      batchSize: rules.batchSize,
      clock,
      keys: () => this.#keys.keys(),
      isFollowed: (key) => this.#keys.get(key) !== undefined,
      ask: (keys, anew, signal) => this.#ask(keys, anew, signal),
      onAsked: (failure) => this.#asked(failure),
      onError,
    });
  }

  get epoch(): string {
    return this.#epoch;
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  /** Keys that somebody follows. */
  get size(): number {
    return this.#keys.size;
  }

  /** A subscription that follows nothing yet and was told the present epoch. */
  join(options: Omit<TrackerOptions, "conflated">): Tracker {
    const tracker = new Tracker({ ...options, conflated: this.#options.onConflated });
    this.#subscribers.add(tracker);
    return tracker;
  }

  leave(tracker: Tracker): void {
    this.untrack(tracker, tracker.entries.map(({ key }) => key));
    tracker.end();
    if (this.#subscribers.delete(tracker) && this.#subscribers.size === 0) this.#options.onEmpty();
  }

  /** Nobody follows anything any more. */
  end(): void {
    for (const tracker of [...this.#subscribers]) this.leave(tracker);
  }

  /**
   * Follows keys, except those of `untrack`, which are given up. The tracker has to be flushed then.
   * @throws ProtocolError 106; then all is as before.
   */
  track(tracker: Tracker, wanted: readonly Wanted[], untrack: readonly string[]): void {
    const without = new Set(untrack);
    const rest = wanted.filter(({ key }) => !without.has(key));
    this.#checkRoom(tracker, rest, without);
    for (const { key, version, until } of rest) {
      const entry = this.#keys.open(key);
      tracker.track(entry, version, until);
      if (version === 0 || entry.value.kind === "unknown") this.#lane.need(key);
    }
    this.untrack(tracker, untrack);
    if (this.#keys.size === 0) return;
    const running = this.#lane.start();
    if (running !== undefined) this.#options.running(running);
  }

  untrack(tracker: Tracker, keys: readonly string[]): void {
    for (const key of keys) {
      const entry = tracker.untrack(key);
      if (entry !== undefined && entry.trackers.size === 0) this.#drop(entry);
    }
  }

  /** What the server API publishes. The polls remain the truth. */
  publish({ key, text, version, epoch }: Publishing): void {
    const entry = this.#keys.get(key);
    if (entry === undefined) return;
    const { rules, channel } = this.#options;
    // The back end says which of both is right.
    if (rules.versioned && epoch !== "" && epoch !== this.#epoch) return this.#lane.need(key);
    if (entry.published !== null && entry.published.version >= version) return;
    const { value } = entry;
    if (rules.versioned && value.kind === "known" && value.version >= version) return;
    entry.published = { version, request: this.#request };
    if (!rules.versioned && isKnown(value, text, () => JSON.parse(text))) return;
    const number = rules.versioned ? version : ++this.#version;
    const touched = new Set<Tracker>();
    this.#set(entry, knownValue(channel, key, number, text), touched);
    for (const tracker of touched) tracker.flush();
  }

  #checkRoom(tracker: Tracker, wanted: readonly Wanted[], without: ReadonlySet<string>): void {
    const { maxKeysPerConnection, maxKeys } = this.#options.rules;
    const keys = new Set(wanted.map(({ key }) => key));
    const own = tracker.entries.filter(({ key }) => !keys.has(key) && !without.has(key)).length;
    if (own + keys.size > maxKeysPerConnection) {
      throw new ProtocolError("limitExceeded", `at most ${maxKeysPerConnection} keys a connection`);
    }
    let more = 0;
    for (const key of keys) if (this.#keys.get(key) === undefined) more++;
    if (more > 0 && this.#keys.size + more > maxKeys) {
      throw new ProtocolError("limitExceeded", `at most ${maxKeys} keys of a channel`);
    }
  }

  async #ask(keys: readonly string[], anew: boolean, signal: AbortSignal): Promise<void> {
    const { rules, channel } = this.#options;
    const request = ++this.#request;
    const items = keys.map((key) => {
      const value = this.#keys.get(key)?.value;
      if (anew || !rules.versioned || value?.kind !== "known") return { key };
      return { key, version: value.version };
    });
    const answer = await fetchBounded(
      { ...rules, body: JSON.stringify({ channel, items }), validators: null },
      signal,
      this.#options,
    );
    signal.throwIfAborted();
    if (answer.name === "not_modified") throw new PollError("unasked_304", "answered 304");
    const document = parseJson(answer, rules.headers.map(([, value]) => value));
    const { items: answered, epoch, fault } = decodeAnswer(document, rules.versioned);
    if (rules.versioned && epoch !== "" && epoch !== this.#epoch) return this.#begin(epoch);
    const changes = this.#apply(answered, request);
    if (fault !== null) this.#tell(fault.message);
    this.#options.onPolled(fault?.kind ?? (changes > 0 ? "changed" : "unchanged"));
  }

  /** Failures and their end are told; what lies between is counted alone. */
  #asked(failure: PollError | null): void {
    const { onPolled, onChange } = this.#options;
    if (failure !== null) onPolled(failure.kind);
    if ((failure !== null) === this.#failing) return;
    this.#failing = failure !== null;
    onChange(failure?.message ?? null);
  }

  /** The same is told once. */
  #tell(fault: string): void {
    if (this.#told.has(fault) || this.#told.size === maxTold) return;
    this.#told.add(fault);
    this.#options.onChange(fault);
  }

  /** All versions known here and at clients are of another epoch: subscriptions begin anew. */
  #begin(epoch: string): void {
    this.#epoch = epoch;
    this.#options.onEpoch(epoch);
    this.#options.onPolled("changed");
    for (const tracker of [...this.#subscribers]) tracker.outdate();
  }

  #apply(items: readonly AnsweredItem[], request: number): number {
    let changes = 0;
    const touched = new Set<Tracker>();
    for (const item of items) {
      const entry = this.#keys.get(item.key);
      if (entry === undefined) continue;
      const value = this.#valueOf(item, entry, request);
      if (value !== null && this.#set(entry, value, touched)) changes++;
    }
    for (const tracker of touched) tracker.flush();
    return changes;
  }

  /** null: nothing new. */
  #valueOf(item: AnsweredItem, { key, value, published }: Entry, request: number): Value | null {
    const { rules, channel } = this.#options;
    // Somebody has come for the key after this was asked: the next answer is for them as well.
    if (item.removed) return this.#lane.needs(key) ? null : removedValue(channel, key);
    if (rules.versioned) {
      if (value.kind === "known" && value.version >= item.version) return null;
      return knownValue(channel, key, item.version, item.text);
    }
    if (published !== null && published.request >= request) return null;
    if (isKnown(value, item.text, () => item.data)) return null;
    return knownValue(channel, key, ++this.#version, item.text);
  }

  #set(entry: Entry, value: Value, touched: Set<Tracker>): boolean {
    if (!this.#keys.set(entry, value)) {
      this.#options.onPolled("too_large");
      return false;
    }
    for (const tracker of entry.trackers) {
      tracker.changed(entry);
      touched.add(tracker);
    }
    if (value.kind === "removed") this.#drop(entry);
    return true;
  }

  #drop(entry: Entry): void {
    entry.trackers.clear();
    this.#keys.drop(entry);
    if (this.#keys.size === 0) this.#lane.stop();
  }
}

function isKnown(value: Value, text: string, data: () => unknown): boolean {
  if (value.kind !== "known") return false;
  return value.text === text || isSame(JSON.parse(value.text), data());
}
