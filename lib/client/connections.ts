/** Runs the state machine: opens links and lets go of them, keeps its timer and the token. */
import type {
  Backoff,
  Environment,
  Refusal,
  Status,
  StreamsOptions,
  Timing,
  TransportName,
} from "./api.ts";
import { backoffMs } from "./backoff.ts";
import {
  type Countable,
  type Link,
  type LinkContext,
  lost,
  type OpenLink,
  type Opens,
  type Reply,
  silent,
  type Start,
  type WirePublication,
} from "./link.ts";
import { Signal } from "./signal.ts";
import { Tokens } from "./tokens.ts";
import {
  type Down,
  type Event,
  linksOf,
  type State,
  type Timer,
  transition,
  unproven,
} from "./state.ts";

export type Openers = Readonly<Record<TransportName, OpenLink>>;

/** What comes of the connections, of which several may be open side by side. */
export interface ConnectionEvents {
  wanted(): readonly Opens[];
  nextId(): number;
  /** @param sole no other connection carries the channel. @returns whether it fits what is known. */
  started(channel: string, start: Start, sole: boolean): boolean;
  /** @returns false: one before it is missing. */
  published(channel: string, publication: WirePublication): boolean;
  refused(channel: string, reason: Refusal): void;
  replied?(reply: Reply): void;
  counted?(received: Countable, sent: Countable): void;
  /** The connection that is used is another one; undefined: there is none. */
  using?(transport: TransportName | undefined): void;
}

/** What the whole client adds. */
export interface Extras {
  /** Which transport worked last. */
  readonly remembered?: string | undefined;
  readonly heartbeat?: { readonly seconds: number; ended(livedMs: number, silent: boolean): void };
  /** Parameters of every request. */
  readonly query?: Readonly<Record<string, string>>;
  readonly maxRate?: number | undefined;
}

export interface Attempt {
  link?: Link;
  readonly token: Promise<string>;
  readonly started: Set<string>;
  /** When it was up, in Unix milliseconds; 0: it is not. */
  upAt: number;
}

const allTransports: readonly TransportName[] = ["websocket", "sse", "long_poll"];
const defaultTiming: Timing = {
  openMs: 5_000,
  hedgeMs: 1_000,
  probeMs: 1_500,
  pollMs: 25_000,
  returnMs: 15_000,
};
const defaultBackoff: Backoff = { minMs: 500, maxMs: 20_000 };
/** What a better transport is waited for doubles so often. */
const maxDoublings = 5;
/** Timers take no more. */
const longestMs = 2 ** 31 - 1;
/** Seconds between the server's signs of life. */
const defaultHeartbeat = 25;

export class Connections {
  readonly status: Signal<Status> = new Signal<Status>({ name: "idle" });
  readonly environment: Environment;
  readonly tokens: Tokens;
  readonly #url: URL;
  readonly #options: StreamsOptions;
  readonly #events: ConnectionEvents;
  readonly #openers: Openers;
  readonly #ladder: readonly TransportName[];
  readonly #timing: Timing;
  readonly #extras: Extras;
  readonly #attempts = new Map<TransportName, Attempt>();
  #state: State;
  /** Links that were left for another and may still be closing. */
  #left: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    url: URL,
    options: StreamsOptions,
    openers: Openers,
    events: ConnectionEvents,
    extras: Extras,
  ) {
    this.#url = url;
    this.#options = options;
    this.tokens = new Tokens(options.token);
    this.#openers = openers;
    this.#events = events;
    this.#ladder = options.transports ?? allTransports;
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#extras = extras;
    const floor = this.#ladder.findIndex((one) => one === extras.remembered);
    this.#state = { name: "idle", trail: { ...unproven, floor: Math.max(0, floor) } };
    this.environment = {
      fetch: (url, init) => fetch(url, init),
      WebSocket: globalThis.WebSocket,
      random: Math.random,
      ...options.environment,
    };
  }

  /** The connection that is used, where there is one. */
  get current(): Attempt | undefined {
    return this.#state.name === "online" ? this.#attempts.get(this.#state.transport) : undefined;
  }

  get #isWanted(): boolean {
    return this.#events.wanted().length > 0;
  }

  /** Other channels are wanted than before. */
  update(): void {
    for (const { link } of this.#attempts.values()) link?.update();
    if (this.#isWanted) return this.#dispatch({ kind: "open" });
    // Who leaves the last channel may want another one in the next line.
    queueMicrotask(() => this.#isWanted || this.#dispatch({ kind: "unused" }));
  }

  /** What the page or the device tells of the network. */
  tell(event: Extract<Event, { kind: "network" | "wake" }>): void {
    this.#dispatch(event);
    // The network may be another one by now.
    this.current?.link?.check();
  }

  async close(): Promise<void> {
    this.#dispatch({ kind: "close" });
    this.tokens.close();
    await this.#left;
  }

  #dispatch(event: Event): void {
    const before = this.#state;
    const state = this.#state = transition(before, event, this.#ladder);
    const links = linksOf(state);
    for (const transport of this.#attempts.keys()) {
      if (!links.includes(transport)) this.#drop(transport);
    }
    if (state.timer !== before.timer) this.#wait(state.timer);
    for (const transport of links) {
      if (!this.#attempts.has(transport)) this.#connect(transport);
    }
    const was = transportOf(before);
    const is = transportOf(state);
    if (was !== is) this.#events.using?.(is);
    if (was !== is || state.name !== before.name) this.status.set(state);
  }

  #wait(timer: Timer | undefined): void {
    clearTimeout(this.#timer);
    if (timer === undefined) return;
    this.#timer = setTimeout(() => this.#dispatch({ kind: "due" }), this.#msOf(timer));
  }

  #msOf(timer: Timer): number {
    const { backoff = defaultBackoff } = this.#options;
    const random = this.environment.random();
    switch (timer.kind) {
      case "hedge":
        return this.#timing.hedgeMs;
      case "retry":
        return Math.max(
          Math.min(timer.atLeastMs, longestMs),
          backoffMs(timer.failures, backoff, random),
        );
      case "return":
        return this.#timing.returnMs * 2 ** Math.min(timer.returns, maxDoublings) *
          (1 + random) / 2;
    }
  }

  #drop(transport: TransportName): void {
    const attempt = this.#attempts.get(transport);
    this.#attempts.delete(transport);
    this.#left = Promise.all([this.#left, attempt?.link?.close()]).then(() => {});
  }

  /** Never rejects. */
  async #connect(transport: TransportName): Promise<void> {
    const attempt: Attempt = { token: this.tokens.get(), started: new Set(), upAt: 0 };
    this.#attempts.set(transport, attempt);
    const isOurs = () => this.#attempts.get(transport) === attempt;
    try {
      const token = await attempt.token;
      if (isOurs()) {
        attempt.link = this.#openers[transport](this.#context(transport, attempt, token));
      }
    } catch (error) {
      if (isOurs()) this.#down(transport, attempt, lost(error));
    }
  }

  #context(transport: TransportName, attempt: Attempt, token: string): LinkContext {
    const { query = {}, maxRate, heartbeat } = this.#extras;
    const { seconds = defaultHeartbeat } = heartbeat ?? {};
    const ifOurs =
      <Told extends unknown[]>(tell: (...told: Told) => boolean | void) => (...told: Told) => {
        if (this.#attempts.get(transport) !== attempt || tell(...told) !== false) return;
        this.#down(transport, attempt, lost("gap"));
      };
    const events = this.#events;
    return {
      url: this.#url,
      token,
      query: { ping: `${seconds}`, ...query },
      heartbeat: seconds,
      isBeside: () => this.#state.name === "online",
      maxRate,
      environment: this.environment,
      timing: this.#timing,
      wanted: () => events.wanted(),
      nextId: () => events.nextId(),
      replied: (reply) => events.replied?.(reply),
      counted: (received, sent) => events.counted?.(received, sent),
      started: ifOurs((channel, start) => {
        const others = [...this.#attempts.values()].filter((one) => one !== attempt);
        attempt.started.add(channel);
        return events.started(channel, start, !others.some(({ started }) => started.has(channel)));
      }),
      // Without an offset nobody could tell that it came by another connection, too.
      published: ifOurs((channel, publication) =>
        (publication.offset === undefined && this.current !== attempt) ||
        events.published(channel, publication)
      ),
      refused: ifOurs((channel, reason) => events.refused(channel, reason)),
      up: ifOurs(() => {
        attempt.upAt = Date.now();
        this.tokens.proven();
        this.#dispatch({ kind: "up", transport });
      }),
      down: ifOurs((why) => this.#down(transport, attempt, why)),
    };
  }

  #down(transport: TransportName, attempt: Attempt, why: Down): void {
    this.#drop(transport);
    const livedMs = attempt.upAt === 0 ? 0 : Date.now() - attempt.upAt;
    if (attempt.upAt > 0) this.#extras.heartbeat?.ended(livedMs, why === silent);
    this.#dispatch({
      kind: "down",
      transport,
      why: this.tokens.renewed(why, attempt.token),
      livedMs,
    });
  }
}

function transportOf(state: State): TransportName | undefined {
  return state.name === "online" ? state.transport : undefined;
}
