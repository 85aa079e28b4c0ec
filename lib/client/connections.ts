/** Runs the state machine: opens links and lets go of them, keeps its timer and the token. */
import type {
  Backoff,
  ConnectOptions,
  Environment,
  Refusal,
  Status,
  Timing,
  TransportName,
} from "./api.ts";
import { backoffMs } from "./backoff.ts";
import { Heartbeat } from "./heartbeat.ts";
import {
  type Link,
  type LinkContext,
  lost,
  type OpenLink,
  type Reply,
  type Start,
  type Wanted,
  type WirePublication,
} from "./link.ts";
import { Memory } from "./memory.ts";
import { isOffline, savesData, watchPage } from "./page.ts";
import { Signal } from "./signal.ts";
import { type Down, type Effect, type Event, type State, transition, unproven } from "./state.ts";
import { Tokens } from "./tokens.ts";

export type Openers = Readonly<Record<TransportName, OpenLink>>;

/** What comes of the connections, of which several may be open side by side. */
export interface ConnectionEvents {
  wanted(): readonly Wanted[];
  nextId(): number;
  /** @param sole no other connection carries the channel. @returns whether it fits what is known. */
  started(channel: string, start: Start, sole: boolean): boolean;
  /** @returns false: one before it is missing. */
  published(channel: string, publication: WirePublication): boolean;
  refused(channel: string, reason: Refusal): void;
  replied(reply: Reply): void;
  clock(sentAt: number, serverTime: number): void;
  counted(received: number, sent: number): void;
  /** The connection that is used is another one; undefined: there is none. */
  using(transport: TransportName | undefined): void;
}

interface Attempt {
  link?: Link;
  readonly token: Promise<string>;
  readonly started: Set<string>;
  /** When it was up; 0: it is not. */
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

export class Connections {
  readonly status: Signal<Status> = new Signal<Status>({ name: "idle" });
  readonly environment: Environment;
  readonly tokens: Tokens;
  readonly #url: URL;
  readonly #options: ConnectOptions;
  readonly #events: ConnectionEvents;
  readonly #openers: Openers;
  readonly #ladder: readonly TransportName[];
  readonly #timing: Timing;
  readonly #memory: Memory;
  readonly #heartbeat = new Heartbeat();
  readonly #attempts = new Map<TransportName, Attempt>();
  readonly #stopWatching: () => void;
  #state: State;
  /** Links that were left for another and may still be closing. */
  #left: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: URL, options: ConnectOptions, openers: Openers, events: ConnectionEvents) {
    this.#url = url;
    this.#options = options;
    this.#openers = openers;
    this.#events = events;
    this.#ladder = options.transports ?? allTransports;
    this.tokens = new Tokens(options.token);
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#memory = new Memory(options.memory, url);
    const floor = this.#ladder.findIndex((one) => one === this.#memory.recall());
    this.#state = { name: "idle", trail: { ...unproven, floor: Math.max(0, floor) } };
    this.environment = {
      fetch: (url, init) => fetch(url, init),
      WebSocket: globalThis.WebSocket,
      random: Math.random,
      ...options.environment,
    };
    this.#stopWatching = watchPage({
      network: (on) => this.#dispatch({ kind: "network", on }),
      wake: () => this.wake(),
    });
  }

  /** The link that is used, where there is one. */
  get link(): Link | undefined {
    return this.#state.name === "online"
      ? this.#attempts.get(this.#state.transport)?.link
      : undefined;
  }

  /** When the connection that is used was up, in Unix milliseconds; undefined: there is none. */
  get upAt(): number | undefined {
    return this.#state.name === "online"
      ? this.#attempts.get(this.#state.transport)?.upAt
      : undefined;
  }

  /** Other channels are wanted than before. */
  update(): void {
    if (this.#events.wanted().length === 0) return this.#dispatch({ kind: "unused" });
    for (const { link } of this.#attempts.values()) link?.update();
    if (this.#state.name !== "idle") return;
    this.#dispatch({ kind: "open" });
    if (isOffline()) this.#dispatch({ kind: "network", on: false });
  }

  /** The page is looked at again. */
  wake(): void {
    this.#dispatch({ kind: "wake" });
  }

  async close(): Promise<void> {
    this.#stopWatching();
    this.#dispatch({ kind: "close" });
    this.tokens.close();
    await this.#left;
  }

  #dispatch(event: Event): void {
    const before = this.#state;
    const [state, effects] = transition(before, event, this.#ladder);
    this.#state = state;
    if (state.name !== before.name) clearTimeout(this.#timer);
    for (const effect of effects) this.#perform(effect);
    const was = before.name === "online" ? before.transport : undefined;
    const is = state.name === "online" ? state.transport : undefined;
    if (was !== is) this.#events.using(is);
    if (was !== is || state.name !== before.name) this.status.set(statusOf(state));
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "connect":
        this.#drop(effect.transport);
        return void this.#connect(effect.transport);
      case "drop":
        return this.#drop(effect.transport);
      case "remember":
        return this.#memory.note(effect.transport);
      case "check":
        return this.link?.check();
      case "hedge":
        return this.#after(this.#timing.hedgeMs);
      case "retry": {
        const { backoff = defaultBackoff } = this.#options;
        const ms = backoffMs(effect.failures, backoff, this.environment.random());
        return this.#after(Math.max(ms, effect.atLeastMs));
      }
      case "return": {
        const ms = this.#timing.returnMs * 2 ** Math.min(effect.returns, maxDoublings);
        return this.#after(ms * (1 + this.environment.random()) / 2);
      }
    }
  }

  #after(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#dispatch({ kind: "due" }), Math.min(ms, longestMs));
  }

  #drop(transport: TransportName): void {
    const attempt = this.#attempts.get(transport);
    this.#attempts.delete(transport);
    this.#left = Promise.all([this.#left, attempt?.link?.close()]);
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
    const { wanted, nextId, replied, clock, counted } = this.#events;
    const { batchWindow = 0, maxRate = savesData() ? 1 : undefined } = this.#options;
    const isOurs = () => this.#attempts.get(transport) === attempt;
    const mustFit = (fits: boolean) => {
      if (!fits && isOurs()) this.#down(transport, attempt, lost("publications are missing"));
    };
    return {
      url: this.#url,
      token,
      query: {
        ping: `${this.#heartbeat.seconds}`,
        ...(batchWindow > 0 && { batch: `${batchWindow}` }),
      },
      heartbeat: this.#heartbeat.seconds,
      maxRate,
      environment: this.environment,
      timing: this.#timing,
      wanted,
      nextId,
      replied,
      clock,
      counted,
      started: (channel, start) => {
        if (!isOurs()) return;
        const others = [...this.#attempts.values()].filter((one) => one !== attempt);
        const sole = others.every(({ started }) => !started.has(channel));
        attempt.started.add(channel);
        mustFit(this.#events.started(channel, start, sole));
      },
      published: (channel, publication) => {
        if (!isOurs()) return;
        // Without an offset nobody could tell that it came by another connection, too.
        if (publication.offset === undefined && this.link !== attempt.link) return;
        mustFit(this.#events.published(channel, publication));
      },
      refused: (channel, reason) => {
        if (isOurs()) this.#events.refused(channel, reason);
      },
      up: () => {
        if (!isOurs()) return;
        attempt.upAt = Date.now();
        this.tokens.proven();
        this.#dispatch({ kind: "up", transport });
      },
      down: (why) => {
        if (isOurs()) this.#down(transport, attempt, why);
      },
    };
  }

  #down(transport: TransportName, attempt: Attempt, why: Down): void {
    this.#drop(transport);
    const livedMs = attempt.upAt === 0 ? 0 : Date.now() - attempt.upAt;
    if (attempt.upAt > 0) this.#heartbeat.ended(livedMs, why.kind === "lost" && !!why.silent);
    this.#dispatch({
      kind: "down",
      transport,
      why: this.tokens.renewed(why, attempt.token),
      livedMs,
    });
  }
}

/** What the application sees of the state. */
function statusOf(state: State): Status {
  switch (state.name) {
    case "online":
      return { name: state.name, transport: state.transport };
    case "waiting":
      return { name: state.name, reason: state.reason };
    case "closed":
      return state;
    default:
      return { name: state.name };
  }
}
