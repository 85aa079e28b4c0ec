import assert from "node:assert/strict";
import type { TransportName } from "../../lib/transport/transport.ts";
import { Refused } from "../support/clients/client.ts";
import { eventually, within } from "../support/clients/eventually.ts";
import type { StateClient, StateOptions } from "../support/clients/state/client.ts";
import { stateOpens } from "../support/clients/state/mod.ts";
import { seeded, testSeed } from "../support/random.ts";
import { apiKey, startServer, type TestServer } from "../support/server.ts";
import { Writer, type Written } from "./support/writer.ts";

const kills = 6;
const channel = "board:kills";
const channels = {
  namespaces: [{
    name: "board",
    // Not all that is missed is kept.
    history: { size: 40, ttl: "1h" },
    keyed: {},
    filter: true,
    allow: { subscribe: "anyone" },
  }],
};
const filter = "color=red";

Deno.test("6 times, while keys change over HTTP, the server gets SIGKILL at a random moment and starts again; the mirrors of clients on all three transports, filtered ones too, end as the state, in which nothing acknowledged is missing", async () => {
  const seed = testSeed();
  try {
    await run(seeded(seed));
  } catch (error) {
    throw new Error(`SEED=${seed}`, { cause: error });
  }
});

async function run(random: () => number): Promise<void> {
  const first = await startServer({ channels });
  let server = first;
  const { url, port } = server;
  const going = { on: true };
  const writers = ["a", "b", "c"].map((name) =>
    new Writer({ port, channel, name, keys: 60, random })
  );
  const followers = (["websocket", "sse", "long_poll"] as const).flatMap((name) =>
    [{}, { filter }, { maxRate: 10 }].map((choice) =>
      new Follower(url, name, { channels: [channel], ...choice }, going)
    )
  );
  try {
    for (let n = 1; n <= kills; n++) {
      const more = writers.map((writer) => writer.more(1 + Math.floor(random() * 200)));
      await within(Promise.all(more), `acknowledgements, round ${n}`);
      await server.signal("SIGKILL");
      server = await startServer({ after: first });
    }
    const written = await Promise.all(writers.map((writer) => writer.stop()));
    const state = await readState(server);
    for (const { acknowledged, open } of written) checkWritten(state, acknowledged, open);
    for (const follower of followers) await follower.reaches(state);
    report(`${state.size} keys; ${followers.map(({ tally }) => tally).join("; ")}`);
  } finally {
    going.on = false;
    for (const writer of writers) await writer.stop();
    for (const follower of followers) await follower.stop();
    await server[Symbol.asyncDispose]();
  }
}

interface Entry {
  readonly data: number;
  readonly offset: number;
  readonly color: string | undefined;
}

type State = ReadonlyMap<string, Entry>;

/** A client that comes back whenever it ends. */
class Follower {
  readonly #name: TransportName;
  readonly #filtered: boolean;
  readonly #done: Promise<void>;
  #client: StateClient | undefined;
  #resumed = 0;
  #begun = 0;

  constructor(url: string, name: TransportName, options: StateOptions, going: { on: boolean }) {
    this.#name = name;
    this.#filtered = options.filter !== undefined;
    this.#done = this.#run(url, options, going);
    // Awaited at the end.
    this.#done.catch(() => {});
  }

  get tally(): string {
    return `${this.#name} went on ${this.#resumed} times, began ${this.#begun}`;
  }

  async reaches(state: State): Promise<void> {
    const wanted = new Map<string, { data: unknown; offset: number }>();
    for (const [key, { data, offset, color }] of [...state].sort()) {
      if (!this.#filtered || color === "red") wanted.set(key, { data, offset });
    }
    const mirrored = () => new Map([...this.#client?.mirror().entries ?? []].sort());
    const same = () => JSON.stringify([...mirrored()]) === JSON.stringify([...wanted]);
    await Promise.race([this.#done, eventually(same, "the same")]).catch(() => {});
    assert.deepEqual(mirrored(), wanted, this.#name);
  }

  async stop(): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
    await this.#done;
  }

  async #run(url: string, options: StateOptions, going: { on: boolean }): Promise<void> {
    while (going.on) {
      const before = this.#client;
      await eventually(
        async () => {
          if (!going.on) return true;
          try {
            const after = this.#client === undefined ? {} : { after: this.#client };
            this.#client = await stateOpens[this.#name](url, { ...options, ...after });
            return true;
          } catch (error) {
            if (isAway(error)) return false;
            throw error;
          }
        },
        "a server that takes the client",
        60_000,
      );
      if (this.#client === before || this.#client === undefined) return;
      for (const { recovered } of this.#client.starts) {
        if (recovered) this.#resumed++;
        else this.#begun++;
      }
      await this.#client.closed;
      await this.#client[Symbol.asyncDispose]();
    }
  }
}

/** Nobody listens there, or not yet, or it was killed in the middle of the answer. */
function isAway(error: unknown): boolean {
  if (error instanceof Refused) return error.status === 503;
  const cutOff = error instanceof Error && /^ended|JSON/.test(error.message);
  return error instanceof TypeError || cutOff;
}

function checkWritten(state: State, acknowledged: Written, open: Written): void {
  for (const [key, value] of acknowledged) {
    const has = state.get(key)?.data ?? null;
    const may = open.has(key) ? [value, open.get(key)] : [value];
    assert.ok(may.includes(has), `${key} is ${has}, and not one of ${may}`);
  }
}

async function readState({ url }: TestServer): Promise<State> {
  const response = await fetch(`${url}/api/map_read_state`, {
    method: "POST",
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify({ channel, limit: -1 }),
  });
  const { result } = await response.json() as {
    result: {
      entries: { key: string; data: number; offset: number; tags?: { color?: string } }[];
    };
  };
  return new Map(
    result.entries.map(({ key, data, offset, tags }) => [
      key,
      { data, offset, color: tags?.color },
    ]),
  );
}

function report(line: string): void {
  // deno-lint-ignore no-console -- what the run measured
  console.log(line);
}
