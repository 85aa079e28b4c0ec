/**
 * Who listens to what in this isolate. The hub opens a channel's stream for its first listener,
 * keeps it a while after the last has left (a long-poll comes back, a page reloads), and passes on
 * what the broker delivers.
 */
import type { Broker, BrokerContext } from "../broker/broker.ts";
import type { Publication, Signal } from "../protocol/publication.ts";
import { ChannelStream, type StreamContext, type StreamRules } from "./channel_stream.ts";
import { Pacer } from "./pacer.ts";
import { Turns } from "./turns.ts";

interface Opened {
  readonly stream: ChannelStream;
  readonly ready: Promise<void>;
  /** How many hold it open. */
  leases: number;
  /** When the last one let go. */
  idleSince: number;
}

export interface HubOptions {
  readonly pacer?: Pacer;
  /** How long a channel nobody listens to stays open. */
  readonly lingerMs?: number;
  /** At most so many stay open for nobody. */
  readonly maxLingering?: number;
  readonly now?: () => number;
  readonly onError: (error: unknown, stage: string) => void;
  readonly count?: StreamContext["count"];
  readonly demand?: Demand;
}

/** Who wants to know which channels are open in this isolate. */
export interface Demand {
  /**
   * It has a first listener, and its state; listeners wait until this resolves.
   * @throws what refuses it to them.
   */
  begun(stream: ChannelStream): void | Promise<void>;
  /** Its last listener left a while ago, or it was refused. Does not throw. */
  ended(stream: ChannelStream): void;
}

export class Hub implements AsyncDisposable {
  readonly pacer: Pacer;
  /** For what single readers are given. */
  readonly turns = new Turns();
  readonly #options: HubOptions;
  readonly #lingerMs: number;
  readonly #maxLingering: number;
  readonly #now: () => number;
  readonly #channels = new Map<string, Opened>();
  #lingering = 0;
  #broker: Broker | undefined;
  #context: StreamContext | undefined;
  #nextId = 1;
  #sweeper: ReturnType<typeof setInterval> | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.pacer = options.pacer ?? new Pacer({ onError: options.onError });
    this.#lingerMs = options.lingerMs ?? 30_000;
    this.#maxLingering = options.maxLingering ?? 10_000;
    this.#now = options.now ?? (() => performance.now());
  }

  /** The part of a broker's context that is the hub's. */
  get brokerContext(): Pick<BrokerContext, "deliver" | "head" | "signal"> {
    return {
      deliver: (publications) => this.#deliver(publications),
      head: (channel, position) => this.#channels.get(channel)?.stream.head(position),
      signal: (channel, signal) => this.#signal(channel, signal),
    };
  }

  /** Called once, before anything else. */
  connect(broker: Broker): void {
    this.#broker = broker;
    this.#context = {
      broker,
      pacer: this.pacer,
      onError: this.#options.onError,
      count: this.#options.count ?? (() => {}),
    };
  }

  /** Channels somebody listens to, with how many subscribers each has here. */
  *active(): Iterable<{ channel: string; subscribers: number }> {
    for (const [channel, { leases }] of this.#channels) {
      if (leases > 0) yield { channel, subscribers: leases };
    }
  }

  /** The streams of those channels. */
  *streams(): Iterable<{ stream: ChannelStream; subscribers: number }> {
    for (const { stream, leases } of this.#channels.values()) {
      if (leases > 0) yield { stream, subscribers: leases };
    }
  }

  /** Channels that are open, whether or not anybody listens. */
  get size(): number {
    return this.#channels.size;
  }

  /**
   * Holds the channel's stream open until `release`. The stream is live when this resolves.
   * @throws what the broker throws: then nothing is held.
   */
  async open(channel: string, rules: StreamRules): Promise<ChannelStream> {
    const opened = this.#channels.get(channel) ?? this.#start(channel, rules);
    if (opened.leases++ === 0 && opened.idleSince > 0) {
      this.#lingering--;
      opened.idleSince = 0;
    }
    try {
      await opened.ready;
    } catch (error) {
      this.release(opened.stream);
      throw error;
    }
    return opened.stream;
  }

  /** Gives back one `open`. */
  release(stream: ChannelStream): void {
    const opened = this.#channels.get(stream.channel);
    if (opened === undefined || opened.stream !== stream || --opened.leases > 0) return;
    opened.idleSince = this.#now();
    this.#lingering++;
    if (this.#lingering > this.#maxLingering) this.#sweep(0);
    this.#sweeper ??= setInterval(() => this.#sweep(this.#lingerMs), this.#lingerMs / 4);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.allSettled([...this.#channels.values()].map(({ ready }) => ready));
    for (const { stream } of this.#channels.values()) stream.close();
    this.#channels.clear();
  }

  #start(channel: string, rules: StreamRules): Opened {
    if (this.#broker === undefined || this.#context === undefined) {
      throw new Error("the hub has no broker yet");
    }
    const stream = new ChannelStream(channel, this.#nextId++, rules, this.#context);
    const ready = this.#open(stream);
    const opened = { stream, ready, leases: 0, idleSince: 0 };
    this.#channels.set(channel, opened);
    ready.catch(() => this.#drop(opened));
    return opened;
  }

  async #open(stream: ChannelStream): Promise<void> {
    await this.#broker?.subscribe(stream.channel, stream.retention);
    await stream.open();
    const prepared = this.#options.demand?.begun(stream);
    if (prepared === undefined) return;
    await prepared;
    await stream.level();
  }

  #drop(opened: Opened): void {
    const { channel } = opened.stream;
    if (this.#channels.get(channel) !== opened) return;
    this.#channels.delete(channel);
    if (opened.idleSince > 0) this.#lingering--;
    this.#options.demand?.ended(opened.stream);
    opened.stream.close();
    this.#broker?.unsubscribe(channel).catch((error) =>
      this.#options.onError(error, "unsubscribe")
    );
  }

  #sweep(lingerMs: number): void {
    const before = this.#now() - lingerMs;
    for (const opened of this.#channels.values()) {
      if (opened.leases === 0 && opened.idleSince > 0 && opened.idleSince <= before) {
        this.#drop(opened);
      }
    }
    if (this.#lingering > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #deliver(publications: readonly Publication[]): void {
    let stream: ChannelStream | undefined;
    for (const publication of publications) {
      if (stream?.channel !== publication.channel) {
        stream = this.#channels.get(publication.channel)?.stream;
      }
      stream?.accept(publication);
    }
  }

  #signal(channel: string, signal: Signal): void {
    this.#channels.get(channel)?.stream.signal(signal);
  }
}
