/** A clock a test moves, leases and a state channel in memory, and sources made from few words. */
import type { Leases } from "../../lib/broker/broker.ts";
import type { PublishOptions } from "../../lib/broker/broker.ts";
import { memoryBroker } from "../../lib/broker/memory.ts";
import { keyedDefaults } from "../../lib/channels.ts";
import type { Clock } from "../../lib/clock.ts";
import { parseSources, type Source } from "../../lib/bridge/source.ts";
import type { BridgeTarget, WatchedState } from "../../lib/bridge/target.ts";
import type { Publication } from "../../lib/protocol/publication.ts";
import { Happenings, turn } from "../broker/waiting.ts";

export class FakeClock implements Clock {
  #now = 1_700_000_000_000;
  #timers = new Set<{ readonly at: number; readonly job: () => void }>();
  /** 1: no jitter. */
  chance = 1;

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.chance;
  }

  after(ms: number, job: () => void): () => void {
    const timer = { at: this.#now + ms, job };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Runs what is due, in order, and what follows from it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.job();
      await settle();
    }
    this.#now = end;
  }

  /** Time goes by in which nothing runs here; what was due runs with the next `advance`. */
  stall(ms: number): void {
    this.#now += ms;
  }

  #next(end: number) {
    const due = [...this.#timers].filter(({ at }) => at <= end);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}

/** All that needs no time has happened. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await turn();
}

/** What several nodes share; each has its own view of it. */
export class FakeLeases {
  readonly #held = new Map<string, { node: string; until: number }>();
  readonly #clock: Clock;
  /** Thrown by the next calls, one each. */
  readonly failures: Error[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  holder(name: string): string | undefined {
    const held = this.#held.get(name);
    return held !== undefined && held.until > this.#clock.now() ? held.node : undefined;
  }

  of(node: string, alive: () => boolean = () => true): Leases {
    return {
      lease: (name, ttlMs) => {
        const failure = this.failures.shift();
        if (failure !== undefined) return Promise.reject(failure);
        if (!alive()) return new Promise(() => {});
        const holder = this.holder(name);
        if (holder !== undefined && holder !== node) return Promise.resolve(false);
        this.#held.set(name, { node, until: this.#clock.now() + ttlMs });
        return Promise.resolve(true);
      },
      unlease: (name) => {
        if (this.holder(name) === node) this.#held.delete(name);
        return Promise.resolve();
      },
    };
  }
}

/** State channels in memory, with a live view of each. */
export class States implements BridgeTarget, AsyncDisposable {
  readonly published = new Happenings<Publication>();
  readonly #broker = memoryBroker({
    nodeId: "n",
    deliver: (publications) => this.#deliver(publications),
    head: () => {},
    signal: () => {},
    control: () => {},
    onError: (error) => {
      throw error;
    },
  });
  readonly #entries = new Map<string, Map<string, Publication>>();
  readonly #subscribed = new Set<string>();
  /** Thrown by the next publishes, one each. */
  readonly failures: Error[] = [];

  watch(channel: string): WatchedState {
    const entries = this.#of(channel);
    return { channel, get: (key) => entries.get(key), entries: () => entries.values() };
  }

  /** The data of each key. */
  data(channel: string): Record<string, unknown> {
    return Object.fromEntries(
      [...this.#of(channel)].map(([key, { body }]) => [key, JSON.parse(body).data]),
    );
  }

  async set(
    channel: string,
    key: string,
    data: unknown,
    condition: NonNullable<PublishOptions["condition"]> = {},
  ) {
    return await this.#publish(channel, { key, data: JSON.stringify(data) }, condition);
  }

  async remove(
    channel: string,
    key: string,
    condition: NonNullable<PublishOptions["condition"]> = {},
  ) {
    return await this.#publish(channel, { key, data: "null", removed: true as const }, condition);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker[Symbol.asyncDispose]();
  }

  async #publish(
    channel: string,
    draft: { key: string; data: string; removed?: true },
    condition: NonNullable<PublishOptions["condition"]>,
  ) {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const retention = { size: 100_000, ttlMs: 3_600_000 };
    if (!this.#subscribed.has(channel)) await this.#broker.subscribe(channel, retention);
    this.#subscribed.add(channel);
    const options = { retention, keyed: { ...keyedDefaults, maxKeys: 100_000 }, condition };
    const { position, suppressed } = await this.#broker.publish(channel, draft, options);
    return suppressed === null ? position : null;
  }

  #of(channel: string): Map<string, Publication> {
    const entries = this.#entries.get(channel) ?? new Map<string, Publication>();
    this.#entries.set(channel, entries);
    return entries;
  }

  #deliver(publications: readonly Publication[]): void {
    for (const publication of publications) {
      const entries = this.#of(publication.channel);
      entries.delete(publication.key ?? "");
      if (!publication.removed) entries.set(publication.key ?? "", publication);
    }
    this.published.add(...publications);
  }
}

/** A source named `a`, polled every 2 s unless said otherwise. */
export function source(
  settings: Record<string, unknown>,
  env: Record<string, string> = {},
): Source {
  const all = { name: "a", url: "http://localhost/a", every: "2s", ...settings };
  const [parsed] = parseSources({ sources: [all] }, (name) => env[name]);
  if (parsed === undefined) throw new Error("no source");
  return parsed;
}

export function json(value: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(value, { headers });
}

/** A server on a port of its own; `url` has no path. */
export async function serving(
  handler: (request: Request) => Response | Promise<Response>,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  try {
    await use(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}
