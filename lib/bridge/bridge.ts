/**
 * REST endpoints, polled once for everybody, become state channels: the channel of a source is
 * polled by one isolate while somebody listens to it, and what changed is published.
 */
import type { Leases } from "../broker/broker.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { type Clock, systemClock } from "./clock.ts";
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
}

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
   * are left alone.
   * @throws ProtocolError 106 when as many channels of its source are open as may be: then nobody
   * may listen to it. 102 and 107 as `Sources.resolve`.
   */
  begun(state: WatchedState): void {
    const { sources } = this.#options;
    if (!sources.has(state.channel) || this.#live.has(state.channel)) return;
    const resolved = sources.resolve(state.channel);
    if (resolved.kind !== "items") return;
    this.#checkRoom(resolved);
    const live = this.#create(resolved, state);
    this.#live.set(state.channel, live);
    const before = this.#ending.get(state.channel);
    if (before === undefined) return live.tenure.start();
    before.then(() => {
      if (this.#live.get(state.channel) === live) live.tenure.start();
    });
  }

  /** The channel was given up in this isolate. */
  ended(channel: string): void {
    const live = this.#live.get(channel);
    if (live === undefined) return;
    this.#live.delete(channel);
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
    const status = new Status(clock.now(), { channel: statusChannel, target, onChange, onError });
    const poll = new Poll({ source, url, state, target, clock, fetch });
    const { everyMs } = source;
    const loop = new PollLoop({
      everyMs,
      clock,
      status,
      poll: (hold) => poll.run(hold),
      onPolled: (outcome, published) => onPolled(source.name, outcome, published),
      onError,
    });
    const during = loop.run.bind(loop);
    const name = `bridge ${channel}`;
    const tenure = new Tenure({ name, everyMs, leases, clock, during, onError });
    return { source: source.name, tenure, status };
  }
}
