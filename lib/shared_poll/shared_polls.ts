/**
 * The shared poll channels of this isolate. Each is polled for all of its connections together, while
 * somebody follows a key of it. What is known ends with the channel's last subscription, but for the
 * back end's epoch: without it every first subscriber would have to begin twice.
 */
import { type Clock, systemClock } from "../clock.ts";
import { namespaceOf } from "../channels.ts";
import { PollChannel, type PollOutcome, type Publishing } from "./poll_channel.ts";
import type { SharedPollRules } from "./rules.ts";

export interface SharedPollsOptions {
  /** For metrics. `outcome` is one of few names. */
  readonly onPolled: (namespace: string, outcome: PollOutcome) => void;
  /** For metrics: a value was replaced by a later one before a connection had it. */
  readonly onConflated: () => void;
  /** For the log, as of `PollChannel`. */
  readonly onChange: (channel: string, failure: string | null) => void;
  readonly onError: (error: unknown, stage: string) => void;
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

/** Back ends' epochs that are remembered. */
const maxEpochs = 10_000;

export class SharedPolls implements AsyncDisposable {
  readonly #options: SharedPollsOptions;
  readonly #channels = new Map<string, PollChannel>();
  readonly #epochs = new Map<string, string>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: SharedPollsOptions) {
    this.#options = options;
  }

  /** The channel, to be joined at once: it ends with its last subscription. */
  open(channel: string, rules: SharedPollRules): PollChannel {
    const before = this.#channels.get(channel);
    if (before !== undefined) return before;
    const opened = this.#create(channel, rules);
    this.#channels.set(channel, opened);
    return opened;
  }

  /** Reaches those who follow the key in this isolate. */
  publish(channel: string, publishing: Publishing): void {
    this.#channels.get(channel)?.publish(publishing);
  }

  *active(): Iterable<{ readonly channel: string; readonly subscribers: number }> {
    for (const [channel, { subscribers }] of this.#channels) yield { channel, subscribers };
  }

  /** The same, with how many keys of each are followed. */
  *list(): Iterable<
    { readonly channel: string; readonly subscribers: number; readonly keys: number }
  > {
    for (const [channel, { subscribers, size }] of this.#channels) {
      yield { channel, subscribers, keys: size };
    }
  }

  /** Keys that somebody follows, in all channels. */
  get keys(): number {
    let sum = 0;
    for (const { size } of this.#channels.values()) sum += size;
    return sum;
  }

  /** Resolves when nothing is under way any more. Sessions end before. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const channel of [...this.#channels.values()]) channel.end();
    await Promise.all(this.#running);
  }

  #create(channel: string, rules: SharedPollRules): PollChannel {
    const {
      onPolled,
      onChange,
      onConflated,
      onError,
      clock = systemClock,
      fetch = globalThis.fetch,
    } = this.#options;
    const namespace = namespaceOf(channel);
    return new PollChannel({
      channel,
      rules,
      epoch: rules.versioned ? this.#epochs.get(channel) ?? "" : crypto.randomUUID(),
      clock,
      fetch,
      onPolled: (outcome) => onPolled(namespace, outcome),
      onChange: (failure) => onChange(channel, failure),
      onConflated,
      onEpoch: (epoch) => this.#remember(channel, epoch),
      onEmpty: () => void this.#channels.delete(channel),
      running: (work) => this.#await(work),
      onError,
    });
  }

  #remember(channel: string, epoch: string): void {
    this.#epochs.delete(channel);
    this.#epochs.set(channel, epoch);
    if (this.#epochs.size <= maxEpochs) return;
    for (const [oldest] of this.#epochs) {
      this.#epochs.delete(oldest);
      return;
    }
  }

  #await(work: Promise<void>): void {
    const done = work.finally(() => this.#running.delete(done));
    this.#running.add(done);
  }
}
