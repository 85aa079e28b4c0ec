/** SIGTERM: everybody is told, nothing acknowledged is lost, and the process ends in good time. */
import assert from "node:assert/strict";
import { reconnects } from "../../lib/protocol/disconnects.ts";
import type { TestClient } from "../support/clients/client.ts";
import { eventually } from "../support/clients/eventually.ts";
import { openLongPoll } from "../support/clients/long_poll.ts";
import { connections } from "../support/clients/metrics.ts";
import { openSse } from "../support/clients/sse.ts";
import { openWebSocket } from "../support/clients/websocket.ts";
import { startServer } from "../support/server.ts";

const each = 4;

for (const isolates of [undefined, 2]) {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const served = isolates !== undefined;
    const how = `${signal}, ${isolates ?? "one"} isolate${served ? "s" : ""}`;
    Deno.test(`drain: ${how}: all are told, and the process ends with 0`, async () => {
      await using server = await startServer(served ? { isolates } : {});
      await using clients = new AsyncDisposableStack();
      const open: TestClient[] = [];
      const options = { channels: ["public:a"], wait: 50 };
      for (let n = 0; n < each; n++) {
        open.push(clients.use(await openWebSocket(server.url, options)));
        open.push(clients.use(await openSse(server.url, options)));
      }
      const waiting = await openCursor(server.url);
      const began = performance.now();
      const status = server.signal(signal);
      for (const client of open) {
        const { code } = await client.closed;
        // `deno serve` closes the sockets by itself, with 1001; clients come back after both.
        const codes = served && client.transport === "websocket" ? [3001, 1001] : [3001];
        assert.ok(codes.includes(code) && reconnects(code), `${client.transport}: ${code}`);
      }
      assert.deepEqual(await waiting.answer, { status: 200, messages: [] });
      const { code, signal: by } = await status;
      assert.deepEqual([code, by], [0, null], server.output());
      assert.ok(performance.now() - began < 5_000);
      assert.doesNotMatch(server.output(), /"level":"error"/);
    });
  }
}

/** A long-poll that waits where nothing comes. */
async function openCursor(url: string) {
  const events = `${url}/v1/events?channels=public:a`;
  const { cursor } = await (await fetch(events)).json() as { cursor: string };
  const waiting = fetch(`${events}&wait=50&cursor=${cursor}`);
  await eventually(async () => await connections(url, "long_poll") === 1, "it waits");
  const answer = waiting.then(async (response) => {
    const { messages } = await response.json() as { messages: unknown[] };
    return { status: response.status, messages };
  });
  return { answer };
}

Deno.test("drain: what was acknowledged before it is there after it", async () => {
  await using server = await startServer();
  const acknowledged: number[] = [];
  const publishedSome = Promise.withResolvers<void>();
  const publishing = (async () => {
    for (let n = 1;; n++) {
      const { result } = await server.api("publish", { channel: "public:a", data: n });
      acknowledged.push((result as { offset: number }).offset);
      if (n === 30) publishedSome.resolve();
    }
  })().catch(() => "over");
  await publishedSome.promise;
  await server.signal("SIGTERM");
  assert.equal(await publishing, "over");
  await using after = await startServer({ after: server });
  await using reader = await openLongPoll(after.url, {
    channels: ["public:a"],
    positions: new Map([["public:a", { epoch: "", offset: 0 }]]),
    wait: 1,
  });
  for (const offset of acknowledged) assert.equal((await reader.next()).offset, offset);
});
