/** One position on every transport: a client may change in mid-stream. */
import assert from "node:assert/strict";
import type { TransportName } from "../../lib/transport/transport.ts";
import type { Positions } from "../support/clients/client.ts";
import { opens } from "../support/clients/mod.ts";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { seeded, testSeed } from "../support/random.ts";
import { startServer } from "../support/server.ts";

const count = 10_000;
const transports: readonly TransportName[] = ["websocket", "sse", "long_poll"];
const pairs = transports.flatMap((one) => transports.map((two) => `${one} → ${two}`));
const channel = "log:switching";

for (const isolates of [undefined, 2]) {
  const where = isolates === undefined ? "one isolate" : `${isolates} isolates`;
  Deno.test(`A client that changes transport every few hundred messages, in every order of the three, receives 10,000 numbered messages exactly once, in order (${where})`, async () => {
    const seed = testSeed();
    await using server = await startServer({
      ...(isolates !== undefined && { isolates }),
      channels: {
        namespaces: [{
          name: "log",
          history: { size: 20_000, ttl: "1h" },
          allow: { subscribe: "anyone" },
        }],
      },
    });
    const { url } = server;
    try {
      const { got, changes } = await follow(url, seeded(seed));
      assert.deepEqual(got, numbers(1, count));
      for (const pair of pairs) assert.ok(changes.has(pair), `no change ${pair}`);
    } catch (error) {
      throw new Error(`SEED=${seed}`, { cause: error });
    }
  });
}

/** Publishes all and follows with one client after the other. */
async function follow(url: string, random: () => number) {
  const got: unknown[] = [];
  const changes = new Set<string>();
  let publishing: Promise<void> | undefined;
  let positions: Positions | undefined;
  let before: TransportName | undefined;
  for (const transport of itinerary(random)) {
    if (before !== undefined) changes.add(`${before} → ${transport}`);
    before = transport;
    await using client = await opens[transport](url, {
      channels: [channel],
      ...(positions && { positions }),
    });
    if (positions !== undefined) assert.equal(client.started.get(channel)?.recovered, true);
    // The first client is there before the first message.
    publishing ??= publishAll({ url, channel, size: 40 }, numbers(1, count));
    for (let rest = 200 + Math.floor(random() * 300); rest > 0 && got.length < count; rest--) {
      got.push((await client.next()).data);
    }
    positions = client.positions();
    if (got.length === count) break;
  }
  await publishing;
  return { got, changes };
}

/** Every ordered pair once, in a random order of rounds, then at random without end. */
function* itinerary(random: () => number): Generator<TransportName> {
  const open = new Set(pairs);
  let at = transports[Math.floor(random() * transports.length)] ?? "websocket";
  yield at;
  while (true) {
    const fresh = transports.filter((next) => open.has(`${at} → ${next}`));
    // From a transport whose changes have all been made, any way on leads back to open ones.
    const choice = fresh.length > 0 ? fresh : transports;
    const next: TransportName = choice[Math.floor(random() * choice.length)] ?? at;
    open.delete(`${at} → ${next}`);
    at = next;
    yield at;
  }
}
