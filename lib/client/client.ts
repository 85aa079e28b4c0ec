/**
 * The browser's, Deno's and Node's client: delivers the publications of streams in order and once,
 * and mirrors state channels, over the best transport the network lets through.
 */
import type { StreamPosition } from "../protocol/publication.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import { ServerClock } from "./clock.ts";
import type {
  Environment,
  Link,
  LinkContext,
  OpenLink,
  Start,
  Timing,
  WirePublication,
} from "./link.ts";
import { openLongPoll } from "./long_poll.ts";
import { Mirror } from "./mirror.ts";
import type { ClientOptions, Feed, Publication, StateListener } from "./options.ts";
import { Positions } from "./positions.ts";
import { openSse } from "./sse.ts";
import { type Down, type Effect, type Event, type State, transition } from "./state.ts";
import type { TransportName } from "./state.ts";
import { openWebSocket } from "./websocket.ts";

export interface Client<F extends Feed> {
  readonly state: State;
  /** What a state channel holds; undefined before the first `onSync`. */
  entries<Channel extends keyof F & string>(
    channel: Channel,
  ): ReadonlyMap<string, F[Channel]> | undefined;
  /** How far each channel has been delivered. */
  readonly positions: Readonly<Record<string, StreamPosition>>;
  /** Resolves when nothing is left open. */
  close(): Promise<void>;
}

const openers: Readonly<Record<TransportName, OpenLink>> = {
  websocket: openWebSocket,
  sse: openSse,
  long_poll: openLongPoll,
};
const ladder: readonly TransportName[] = ["websocket", "sse", "long_poll"];
const timing: Timing = { webSocketMs: 4_000, eventsMs: 5_000, silenceMs: 22_500, pollSeconds: 25 };
const backoff: Backoff = { minMs: 1_000, maxMs: 20_000 };
/** So many new tokens in a row may be refused as expired. */
const maxRenewals = 2;

/** Connects, and stays connected until it is closed or refused. */
export function connect<F extends Feed>(options: ClientOptions<F>): Client<F> {
  return new RunningClient(options);
}

class RunningClient<F extends Feed> implements Client<F> {
  readonly #options: ClientOptions<F>;
  readonly #environment: Environment;
  readonly #channels: readonly string[];
  /** Of the streams. */
  readonly #positions: Positions;
  readonly #mirrors = new Map<string, Mirror>();
  readonly #clock = new ServerClock();
  #state: State = { name: "idle" };
  /** Counts connections: what an earlier one still has to say is not heard. */
  #attempt = 0;
  #link: Link | undefined;
  /** Links that were left for another and may still be closing. */
  #left: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #token: string | undefined;
  /** New tokens since the last connection. */
  #renewals = 0;
  #upAt = 0;

  constructor(options: ClientOptions<F>) {
    this.#options = options;
    const { channels = [], states = {} } = options;
    for (const channel of Object.keys(states)) this.#mirrors.set(channel, new Mirror());
    this.#channels = [...channels, ...this.#mirrors.keys()];
    this.#positions = new Positions(
      Object.entries<StreamPosition | undefined>(options.since ?? {}).flatMap(([name, at]) =>
        at === undefined ? [] : [[name, at] as const]
      ),
    );
    this.#environment = {
      fetch: (url, init) => fetch(url, init),
      WebSocket,
      random: Math.random,
      ...options.environment,
    };
    this.#dispatch({ kind: "open" });
  }

  get state(): State {
    return this.#state;
  }

  get positions(): Readonly<Record<string, StreamPosition>> {
    const all: Record<string, StreamPosition> = {};
    for (const channel of this.#channels) {
      const position = this.#position(channel);
      if (position !== undefined) all[channel] = position;
    }
    return all;
  }

  entries<Channel extends keyof F & string>(
    channel: Channel,
  ): ReadonlyMap<string, F[Channel]> | undefined {
    return this.#mirrors.get(channel)?.entries as ReadonlyMap<string, F[Channel]> | undefined;
  }

  async close(): Promise<void> {
    this.#dispatch({ kind: "close" });
    await this.#left;
  }

  #dispatch(event: Event): void {
    const before = this.#state;
    const [state, effects] = transition(before, event, this.#options.transports ?? ladder);
    this.#state = state;
    if (state !== before) this.#call(() => this.#options.onState?.(state));
    for (const effect of effects) {
      // The application may have closed the client from within `onState`.
      if (this.#state === state) this.#perform(effect);
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "connect":
        this.#connect(effect.transport, ++this.#attempt);
        return;
      case "wait": {
        const ms = backoffMs(
          effect.failures,
          this.#options.backoff ?? backoff,
          this.#environment.random(),
        );
        const due = () => this.#dispatch({ kind: "due" });
        this.#timer = setTimeout(due, Math.max(ms, effect.atLeastMs));
        return;
      }
      case "release":
        this.#attempt++;
        clearTimeout(this.#timer);
        this.#leave();
    }
  }

  #leave(): void {
    this.#left = Promise.all([this.#left, this.#link?.close()]);
    this.#link = undefined;
  }

  /** Never rejects. */
  async #connect(transport: TransportName, attempt: number): Promise<void> {
    try {
      const { token = "" } = this.#options;
      this.#token ??= typeof token === "string" ? token : await token();
      if (attempt !== this.#attempt) return;
      this.#link = openers[transport](this.#context(attempt));
    } catch (error) {
      if (attempt === this.#attempt) this.#down({ kind: "lost", reason: String(error) });
    }
  }

  #context(attempt: number): LinkContext {
    return {
      url: new URL(this.#options.url),
      channels: this.#channels,
      isState: (channel) => this.#mirrors.has(channel),
      token: this.#token ?? "",
      environment: this.#environment,
      timing: { ...timing, ...this.#options.timing },
      position: (channel) => this.#position(channel),
      started: (channel, start) => this.#start(channel, start),
      page: (channel, page, more) => this.#page(channel, page, more),
      published: (channel, publication) => this.#take(channel, publication),
      clock: (sentAt, serverTime) => this.#clock.sample(sentAt, Date.now(), serverTime),
      up: () => {
        this.#upAt = Date.now();
        this.#renewals = 0;
        this.#dispatch({ kind: "up" });
      },
      down: (why) => {
        if (attempt === this.#attempt) this.#down(why);
      },
    };
  }

  #down(why: Down): void {
    this.#leave();
    const livedMs = this.#state.name === "online" ? Date.now() - this.#upAt : 0;
    if (why.kind !== "expired") return this.#dispatch({ kind: "down", why, livedMs });
    const isFixed = typeof this.#options.token !== "function";
    if (isFixed || ++this.#renewals > maxRenewals) {
      const refused = { kind: "refused", code: 109, reason: why.reason } as const;
      return this.#dispatch({ kind: "down", why: refused, livedMs });
    }
    this.#token = undefined;
    this.#dispatch({ kind: "renewed" });
  }

  /** undefined: from now, or from a snapshot. */
  #position(channel: string): StreamPosition | undefined {
    const mirror = this.#mirrors.get(channel);
    return mirror === undefined ? this.#positions.get(channel) : mirror.position;
  }

  #start(channel: string, start: Start): void {
    const mirror = this.#mirrors.get(channel);
    if (mirror !== undefined) return mirror.start(start);
    if (!this.#positions.start(channel, start)) return;
    this.#call(() => this.#options.onGap?.(channel as keyof F & string));
  }

  #page(channel: string, page: readonly WirePublication[], more: boolean): void {
    const mirror = this.#mirrors.get(channel);
    if (mirror?.add(page, more)) {
      this.#call(() => this.#listener(channel)?.onSync(mirror.entries ?? new Map()));
    }
  }

  #take(channel: string, publication: WirePublication): void {
    const mirror = this.#mirrors.get(channel);
    const verdict = mirror?.take(publication) ?? this.#positions.take(channel, publication);
    if (verdict === "old") return;
    if (verdict === "hole") {
      return this.#down({ kind: "lost", reason: `a publication of ${channel} is missing` });
    }
    const { data, offset, time, info, tags } = publication;
    const particulars = { offset, time, info, tags, latencyMs: this.#latency(time) };
    if (verdict !== "next") {
      const change = { ...verdict, ...particulars, entries: mirror?.entries ?? new Map() };
      return this.#call(() => this.#listener(channel)?.onChange(change));
    }
    const typed = { channel, data, ...particulars } as Publication<F>;
    this.#call(() => this.#options.onPublication?.(typed));
  }

  /** Here and in `#take` the wire's data gets the type that the application gave the channel. */
  #listener(channel: string): StateListener<unknown> | undefined {
    return this.#options.states?.[channel] as StateListener<unknown> | undefined;
  }

  /** Of what was published before this connection was up, it would tell how long that was away. */
  #latency(time: number | undefined): number | undefined {
    if (time === undefined || this.#state.name !== "online") return undefined;
    const receivedAt = Date.now();
    this.#clock.sample(null, receivedAt, time);
    const up = this.#clock.at(this.#upAt);
    const now = this.#clock.at(receivedAt);
    if (up === undefined || now === undefined || time < up) return undefined;
    return Math.max(0, Math.round(now - time));
  }

  #call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      reportError(error);
    }
  }
}
