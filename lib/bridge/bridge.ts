/**
 * REST endpoints, polled once for everybody, become state channels: the channel of a source is
 * polled by one isolate while somebody listens to it, and what changed is published.
 */
import type { Leases } from "../broker/broker.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { type Clock, systemClock } from "../clock.ts";
import { Poll } from "./poll.ts";
import { type Outcome, PollLoop } from "./poll_loop.ts";
import type { Resolved, Sources } from "./sources.ts";
import { type SourceStatus, Status } from "./status.ts";
import type { BridgeTarget, WatchedState } from "./target.ts";
import { Tenure } from "./tenure.ts";

export interface BridgeOptions {
  readonly sources: Sources;
  readonly leases: Leases;
  readonly target: BridgeTarget;
  /** For metrics. `outcome` is one of few names. */
  readonly onPolled: (source: string, outcome: Outcome, published: number) => void;
  /** For the log. The channel is that of the status. */
  readonly onChange: (channel: string, status: SourceStatus) => void;
  readonly onError: (error: unknown, stage: string) => void;
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

interface Live {
  readonly source: string;
  readonly tenure: Tenure;
  readonly status: Status;
  /** Resolved after the first poll of this isolate, however that went, or at the end. */
  readonly polled: PromiseWithResolvers<void>;
}

/** Listeners wait no longer for the first poll. */
const firstPollMs = 2_000;

/** How many sources this isolate polls, by how that goes. */
export type LiveCount = Readonly<Record<SourceStatus["state"], number>>;

export class Bridge implements AsyncDisposable {
  readonly #options: BridgeOptions;
  readonly #clock: Clock;
  readonly #live = new Map<string, Live>();
  /** Those that are on their way out; one that begins anew waits for its predecessor. */
  readonly #ending = new Map<string, Promise<void>>();

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * A state channel has its first listener in this isolate. Channels that are none of the bridge's
   * are left alone. Where nothing is there yet and this isolate is the one to poll, resolves after
   * the first poll, so that the listener gets a whole state; soon in any case. Never rejects.
   * @throws ProtocolError 106 when as many channels of its source are open as may be: then nobody
   * may listen to it. 102 and 107 as `Sources.resolve`.
   */
  begun(state: WatchedState): Promise<void> {
    const { sources } = this.#options;
    const done = Promise.resolve();
    if (!sources.has(state.channel) || this.#live.has(state.channel)) return done;
    const resolved = sources.resolve(state.channel);
    if (resolved.kind !== "items") return done;
    this.#checkRoom(resolved);
    const live = this.#create(resolved, state);
    this.#live.set(state.channel, live);
    const [known] = state.entries();
    const started = this.#start(state.channel, live);
    return known === undefined ? started.then(() => this.#firstPoll(live)) : done;
  }

  /** The channel was given up in this isolate. */
  ended(channel: string): void {
    const live = this.#live.get(channel);
    if (live === undefined) return;
    this.#live.delete(channel);
    live.polled.resolve();
    const ending = Promise.all([this.#ending.get(channel), live.tenure.end()]).then(() => {
      if (this.#ending.get(channel) === ending) this.#ending.delete(channel);
    });
    this.#ending.set(channel, ending);
  }

  count(): LiveCount {
    const count = { starting: 0, live: 0, stale: 0 };
    for (const { tenure, status } of this.#live.values()) {
      if (tenure.state === "holding") count[status.current.state]++;
    }
    return count;
  }

  /** Resolves when nothing is under way any more and other isolates can take over. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const channel of [...this.#live.keys()]) this.ended(channel);
    await Promise.all(this.#ending.values());
  }

  async #start(channel: string, live: Live): Promise<void> {
    await this.#ending.get(channel);
    if (this.#live.get(channel) === live) await live.tenure.start();
  }

  /** Of another isolate's polls nothing is known here, nor need it be. */
  async #firstPoll({ tenure, polled }: Live): Promise<void> {
    if (tenure.state !== "holding") return;
    const late = Promise.withResolvers<void>();
    const cancel = this.#clock.after(firstPollMs, late.resolve);
    await Promise.race([polled.promise, late.promise]);
    cancel();
  }

  #checkRoom({ source }: Resolved): void {
    let open = 0;
    for (const live of this.#live.values()) if (live.source === source.name) open++;
    if (open < source.maxLive || source.url.params.length === 0) return;
    throw new ProtocolError(
      "limitExceeded",
      `${source.maxLive} channels of bridge:${source.name} are open, which is the most`,
    );
  }

  #create({ source, url, channel, statusChannel }: Resolved, state: WatchedState): Live {
    const { target, leases, onPolled, onChange, onError } = this.#options;
    const clock = this.#clock;
    const fetch = this.#options.fetch ?? globalThis.fetch;
    const { everyMs } = source;
    const status = new Status(clock.now(), {
      channel: statusChannel,
      target,
      everyMs,
      onChange,
      onError,
    });
    const poll = new Poll({ source, url, state, target, clock, fetch });
    const polled = Promise.withResolvers<void>();
    const loop = new PollLoop({
      everyMs,
      clock,
      status,
      poll: (hold) => poll.run(hold),
      onPolled: (outcome, published) => {
        onPolled(source.name, outcome, published);
        polled.resolve();
      },
      onError,
    });
    const during = loop.run.bind(loop);
    const name = `bridge ${channel}`;
    const tenure = new Tenure({ name, everyMs, leases, clock, during, onError });
    return { source: source.name, tenure, status, polled };
  }
}
