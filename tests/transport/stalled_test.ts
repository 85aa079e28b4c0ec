/** A client that stops reading is ended, and costs the others nothing. */
import assert from "node:assert/strict";
import type { TransportName } from "../../lib/transport/transport.ts";
import { eventually } from "../support/clients/eventually.ts";
import { connections } from "../support/clients/metrics.ts";
import { opens } from "../support/clients/mod.ts";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { openRaw } from "../support/clients/raw.ts";
import { startServer } from "../support/server.ts";
import { fresh } from "./suite.ts";

/** 16 MB in all: far more than the buffers of both ends of a connection take. */
const count = 8_000;
const filler = "x".repeat(2_000);

const cases: [TransportName, string][] = [
  ["websocket", ""],
  ["websocket", "&batch=200"],
  ["sse", ""],
  ["sse", "&batch=200"],
];
for (const [stalled, query] of cases) {
  Deno.test(`a stalled reader over ${stalled}${query} is ended and the others miss nothing`, async () => {
    await using server = await startServer({
      channels: {
        namespaces: [{
          name: "log",
          history: { size: 20_000, ttl: "1h" },
          allow: { subscribe: "anyone" },
        }],
      },
    });
    const { url, port } = server;
    const channel = fresh();
    const connection = await openRaw(stalled, port, channel, query);
    try {
      await eventually(async () => await connections(url, stalled) === 1, "it is connected");
      await using websocket = await opens.websocket(url, { channels: [channel] });
      await using sse = await opens.sse(url, { channels: [channel] });
      await using longPoll = await opens.long_poll(url, { channels: [channel] });
      const reading = [websocket, sse, longPoll].map(async (client) => {
        for (let n = 1; n <= count; n++) {
          const { data, offset } = await client.next();
          assert.equal((data as { n: number }).n, n, client.transport);
          assert.equal(offset, n);
        }
      });
      const all = numbers(1, count).map((n) => ({ n, filler }));
      await Promise.all([publishAll({ url, channel, size: 100 }, all), ...reading]);
      // Its healthy neighbour on the same transport is what remains.
      await eventually(async () => await connections(url, stalled) === 1, "it has been ended");
      await publishAll({ url, channel }, ["still here"]);
      assert.equal((await websocket.next()).data, "still here");
      assert.equal((await sse.next()).data, "still here");
      assert.equal((await longPoll.next()).data, "still here");
    } finally {
      connection.close();
    }
  });
}
