/** One mirror on every transport: a client of a state channel may change in mid-stream. */
import assert from "node:assert/strict";
import type { TransportName } from "../../lib/transport/transport.ts";
import { numbers } from "../support/clients/publish.ts";
import type { StateClient } from "../support/clients/state/client.ts";
import { stateOpens } from "../support/clients/state/mod.ts";
import { seeded, testSeed } from "../support/random.ts";
import { startServer } from "../support/server.ts";
import { keyOf, putAll, removeAll, same } from "./keys.ts";

const changes = 60;
const transports: readonly TransportName[] = ["websocket", "sse", "long_poll"];
const channel = "board:switching";

for (const isolates of [undefined, 2]) {
  const where = isolates === undefined ? "one isolate" : `${isolates} isolates`;
  Deno.test(`A client that changes transport ${changes} times, often in the middle of the state's pages, while keys change, keeps a mirror that ends as the state (${where})`, async () => {
    const seed = testSeed();
    await using server = await startServer({
      ...(isolates !== undefined && { isolates }),
      channels: {
        namespaces: [{
          name: "board",
          history: { size: 100, ttl: "1h" },
          keyed: {},
          allow: { subscribe: "anyone" },
        }],
      },
    });
    const random = seeded(seed);
    const below = (n: number) => Math.floor(random() * n);
    const filler = "x".repeat(2_000);
    const change = async () => {
      const keys = numbers(1, 1 + below(200)).map(() => keyOf(1 + below(400)));
      await putAll(server, channel, keys.map((key, n) => ({ key, data: { n, filler } })));
      await removeAll(server, channel, [...new Set(keys)].filter(() => random() < 0.1));
    };
    try {
      for (const _ of numbers(1, 10)) await change();
      let client: StateClient | undefined;
      let begun = 0;
      for (const n of numbers(1, changes)) {
        const open = stateOpens[transports[below(3)] ?? "sse"];
        if (random() < 0.2) await server.api("map_clear", { channel });
        const changing = change();
        const next: StateClient = await open(server.url, {
          channels: [channel],
          by: random() < 0.5 ? "cursor" : "position",
          ...(client && { after: client }),
          ...(n < changes && random() < 0.5 && { pages: 1 + below(4) }),
        });
        await changing;
        // Whole, or broken off in the middle.
        if (!next.isOver && n < changes) await change();
        if (next.starts.some(({ recovered }) => !recovered)) begun++;
        if (n === changes) await same(server, next, channel);
        await next[Symbol.asyncDispose]();
        client = next;
      }
      assert.ok(begun > 2 && begun < changes, `${begun} times from the beginning`);
    } catch (error) {
      throw new Error(`SEED=${seed}`, { cause: error });
    }
  });
}
