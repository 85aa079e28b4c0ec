/**
 * Twenty clients, each behind a relay that behaves in another way every second: what they are given
 * of a stream, what they know of a state channel and what they publish is right in the end.
 */
import assert from "node:assert/strict";
import type { TransportName } from "../../../lib/client/mod.ts";
import { eventually } from "../../support/clients/eventually.ts";
import { publishAll } from "../../support/clients/publish.ts";
import { type Chaos, chaos, type Relay, startRelay } from "../../support/proxies/mod.ts";
import { seeded } from "../../support/random.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { board, Follower, type Said, said, stream } from "./follower.ts";

export interface ChaosRun {
  readonly seed: number;
  /** How long everything is in chaos. */
  readonly ms: number;
  /**
   * Clients are told then that the network is back, as pages are. Else they have to find out by
   * themselves, which takes up to one heartbeat and a half.
   */
  readonly isTold?: boolean;
}

/** What it was like, for who wants to know. */
export interface ChaosResult {
  readonly numbers: number;
  readonly said: number;
  readonly reconnects: number;
  readonly moves: number;
  readonly syncs: number;
  /** From the end of the chaos until all was right. */
  readonly settledMs: number;
}

const all: readonly TransportName[] = ["websocket", "sse", "long_poll"];
const ladders: readonly (readonly TransportName[])[] = [
  all,
  all,
  ["websocket"],
  ["sse"],
  ["long_poll"],
  ["sse", "long_poll"],
  ["websocket", "long_poll"],
];
export const clients = 20;
const channels = {
  namespaces: [
    {
      name: "chaos",
      history: { size: 50_000, ttl: "1h" },
      allow: { subscribe: "anyone", publish: "anyone" },
    },
    {
      name: "board",
      history: { size: 1_000, ttl: "1h" },
      keyed: {},
      allow: { subscribe: "anyone" },
    },
  ],
};
/** How often something is published. */
const tickMs = 100;
const numbersATick = 5;
const keys = 40;
/** The state channel begins anew so often on the average: all need another snapshot then. */
const clearMs = 15_000;
/** Clients say something so often on the average. */
const sayMs = 1_000;
/** All have to be right so long after the chaos: the longest wait between two attempts is 20 s. */
const settleMs = 60_000;

/** @throws Error that tells the seed. */
export async function runChaos(run: ChaosRun): Promise<ChaosResult> {
  try {
    return await new World(run.seed).run(run);
  } catch (error) {
    throw new Error(`in the chaos of seed ${run.seed}, ${run.ms} ms: ${error}`, { cause: error });
  }
}

class World {
  readonly #seed: number;
  readonly #random: () => number;
  readonly #followers: Follower[] = [];
  #numbers = 0;

  constructor(seed: number) {
    this.#seed = seed;
    // The relays' seeds follow this one.
    this.#random = seeded(seed + 1_000_003);
  }

  async run({ ms, isTold = false }: ChaosRun): Promise<ChaosResult> {
    await using server = await startServer({ isolates: 2, channels });
    await using stack = new AsyncDisposableStack();
    stack.defer(async () => {
      await Promise.all(this.#followers.map(({ client }) => client.close()));
    });
    const relays: Relay[] = [];
    // They end before the clients: connections that they have lost end with them.
    for (let i = 0; i < clients; i++) {
      relays.push(stack.use(await startRelay(server.port, { random: this.#seeded() })));
    }
    await this.#publish(server);
    const epoch = await epochOf(server, stream);
    for (const [i, { url }] of relays.entries()) {
      const follower = new Follower(i, url, ladders[i % ladders.length] ?? all, this.#seeded());
      this.#followers.push(follower);
      follower.follow(epoch);
    }
    const storms: Chaos[] = relays.map((relay, i) => chaos(relay, this.#seed + i));
    try {
      await this.#publishFor(ms, server);
    } finally {
      await Promise.all(storms.map((storm) => storm[Symbol.asyncDispose]()));
    }
    const calmAt = performance.now();
    if (isTold) globalThis.dispatchEvent(new Event("online"));
    await this.#settle(server);
    return this.#result(performance.now() - calmAt);
  }

  /** What one of them draws disturbs no other's. */
  #seeded(): () => number {
    return seeded(this.#random() * 2 ** 32);
  }

  async #publishFor(ms: number, server: TestServer): Promise<void> {
    const began = performance.now();
    for (let tick = 1; tick * tickMs <= ms; tick++) {
      const due = began + tick * tickMs - performance.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due)));
      await this.#publish(server);
      for (const follower of this.#followers) {
        if (this.#random() < tickMs / sayMs) follower.say();
        follower.check();
      }
    }
  }

  async #publish(server: TestServer): Promise<void> {
    const values = Array.from({ length: numbersATick }, () => ++this.#numbers);
    await publishAll({ url: server.url, channel: stream }, values);
    const key = `k${Math.floor(this.#random() * keys)}`;
    const clears = this.#random() < tickMs / clearMs;
    if (clears) await server.api("map_clear", { channel: board });
    // Who is online hears of a clearing with the next change.
    if (!clears && this.#random() < 0.3) await server.api("map_remove", { channel: board, key });
    else await server.api("map_publish", { channel: board, key, data: this.#numbers });
  }

  /** Resolves when every client has everything, and the server has everything of every client. */
  async #settle(server: TestServer): Promise<void> {
    const expected = JSON.stringify(await entriesOf(server));
    const isRight = (one: Follower) =>
      one.reached === this.#numbers && one.isHeard && JSON.stringify(one.entries) === expected;
    const late = () =>
      this.#followers.filter((one) => !isRight(one)).map((one) =>
        `${one.name} has ${one.reached} of ${this.#numbers}, ${one.isHeard ? "all" : "not all"} ` +
        `it said was taken, state ${
          JSON.stringify(one.entries) === expected ? "right" : "wrong"
        }; ` +
        one.states.slice(-15).join("; ")
      );
    try {
      await eventually(() => late().length === 0, "all are right", settleMs);
    } catch (error) {
      throw new Error(`${error}\n${late().join("\n")}`);
    }
    for (const follower of this.#followers) follower.check();
    await this.#checkSaid(server);
  }

  async #checkSaid(server: TestServer): Promise<void> {
    const heard = this.#followers.map((): number[] => []);
    for (const { by, n } of await saidOn(server)) heard[by]?.push(n);
    for (const [i, { name, taken }] of this.#followers.entries()) {
      assert.deepEqual(heard[i], taken.map((_, i) => i + 1), `what ${name} said`);
    }
  }

  #result(settledMs: number): ChaosResult {
    const sum = (of: (one: Follower) => number) =>
      this.#followers.reduce((sum, one) => sum + of(one), 0);
    return {
      numbers: this.#numbers,
      said: sum(({ taken }) => taken.length),
      reconnects: sum(({ client }) => client.quality.value.reconnects),
      moves: sum(({ client }) => client.quality.value.moves),
      syncs: sum(({ syncs }) => syncs),
      settledMs: Math.round(settledMs),
    };
  }
}

async function epochOf(server: TestServer, channel: string): Promise<string> {
  const { result } = await server.api("history", { channel, limit: 0 });
  return (result as { readonly epoch: string }).epoch;
}

async function entriesOf(server: TestServer): Promise<readonly (readonly [string, unknown])[]> {
  const { result } = await server.api("map_read_state", { channel: board, limit: -1 });
  const { entries } = result as { entries: readonly { key: string; data: unknown }[] };
  return entries.map(({ key, data }) => [key, data] as const)
    .toSorted(([a], [b]) => a < b ? -1 : 1);
}

async function saidOn(server: TestServer): Promise<readonly Said[]> {
  const all: Said[] = [];
  for (let since: unknown = { epoch: await epochOf(server, said), offset: 0 };;) {
    const { result } = await server.api("history", { channel: said, limit: 300, since });
    const { publications, epoch } = result as {
      readonly publications: readonly { readonly data: Said; readonly offset: number }[];
      readonly epoch: string;
    };
    const last = publications.at(-1);
    if (last === undefined) return all;
    all.push(...publications.map(({ data }) => data));
    since = { epoch, offset: last.offset };
  }
}
