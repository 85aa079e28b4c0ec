/**
 * The browser's, Deno's and Node's client: delivers the publications of a list of channels in
 * order and once, over the best transport the network lets through.
 */
import type { ClientInfo, StreamPosition, Tags } from "../protocol/publication.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import { ServerClock } from "./clock.ts";
import type { Environment, Link, LinkContext, OpenLink, Timing, WirePublication } from "./link.ts";
import { openLongPoll } from "./long_poll.ts";
import { Positions } from "./positions.ts";
import { openSse } from "./sse.ts";
import { type Down, type Effect, type Event, type State, transition } from "./state.ts";
import type { TransportName } from "./state.ts";
import { openWebSocket } from "./websocket.ts";

/** What each channel carries, by its name: `{ "orders:all": OrderEvent }`. */
export type Feed = Record<string, unknown>;

export type Publication<F extends Feed> = {
  [Channel in keyof F & string]: {
    readonly channel: Channel;
    readonly data: F[Channel];
    /** undefined in a namespace without history. */
    readonly offset: number | undefined;
    readonly time: number | undefined;
    readonly info: ClientInfo | undefined;
    readonly tags: Tags | undefined;
    /** From publish to receipt; undefined where it was missed at first, or cannot be told. */
    readonly latencyMs: number | undefined;
  };
}[keyof F & string];

export interface ClientOptions<F extends Feed> {
  /** The server's root, such as `https://shop.example/`. */
  readonly url: string | URL;
  /** At most 32. */
  readonly channels: readonly (keyof F & string)[];
  /** Where to go on from; a channel without a position here starts from now. */
  readonly since?: { readonly [Channel in keyof F & string]?: StreamPosition };
  /** A connection token, or who gives one: asked at first and when the last one has expired. */
  readonly token?: string | (() => string | Promise<string>);
  /** What throws here is reported as an uncaught error and stops nothing. */
  readonly onPublication: (publication: Publication<F>) => void;
  readonly onState?: (state: State) => void;
  /** Publications of this channel were lost for good: load its state anew. It goes on from now. */
  readonly onGap?: (channel: keyof F & string) => void;
  /** Best first. */
  readonly transports?: readonly TransportName[];
  readonly backoff?: Backoff;
  readonly timing?: Partial<Timing>;
  readonly environment?: Partial<Environment>;
}

export interface Client {
  readonly state: State;
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
export function connect<F extends Feed>(options: ClientOptions<F>): Client {
  return new RunningClient(options);
}

class RunningClient<F extends Feed> implements Client {
  readonly #options: ClientOptions<F>;
  readonly #environment: Environment;
  readonly #positions: Positions;
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
    return this.#positions.entries();
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
    const { url, channels } = this.#options;
    return {
      url: new URL(url),
      channels,
      token: this.#token ?? "",
      environment: this.#environment,
      timing: { ...timing, ...this.#options.timing },
      position: (channel) => this.#positions.get(channel),
      started: (channel, start) => {
        if (this.#positions.start(channel, start)) {
          this.#call(() => this.#options.onGap?.(channel as keyof F & string));
        }
      },
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

  #take(channel: string, publication: WirePublication): void {
    const verdict = this.#positions.take(channel, publication);
    if (verdict === "old") return;
    if (verdict === "hole") {
      return this.#down({ kind: "lost", reason: `a publication of ${channel} is missing` });
    }
    const { data, offset, time, info, tags } = publication;
    const latencyMs = this.#latency(time);
    // The one place where the wire's data gets the type that the application gave the channel.
    const typed = { channel, data, offset, time, info, tags, latencyMs } as Publication<F>;
    this.#call(() => this.#options.onPublication(typed));
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
