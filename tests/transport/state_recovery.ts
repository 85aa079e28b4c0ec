/** A client of state channels that was away. */
import assert from "node:assert/strict";
import { openRaw } from "../support/clients/raw.ts";
import { numbers } from "../support/clients/publish.ts";
import { keyOf, putAll, removeAll, same } from "./keys.ts";
import { fresh, type StateCase } from "./suite.ts";

export async function stateRecoverySteps({ server, open, step }: StateCase): Promise<void> {
  const { url } = server;
  const some = (count: number, data: unknown = 0) =>
    numbers(1, count).map((n) => ({ key: keyOf(n), data }));

  for (const by of ["cursor", "position"] as const) {
    await step(`goes on by ${by}: what changed, and no state again`, async () => {
      const channel = fresh("board");
      await putAll(server, channel, some(150));
      await using first = await open(url, { channels: [channel] });
      await first[Symbol.asyncDispose]();
      await putAll(server, channel, some(20, "while away"));
      await removeAll(server, channel, [keyOf(1), keyOf(100)]);
      await using client = await open(url, { channels: [channel], after: first, by });
      assert.deepEqual(client.starts, [{ channel, recovered: true }]);
      await same(server, client, channel);
      assert.deepEqual([client.pages, client.mirror().begun], [0, 1]);
      await putAll(server, channel, some(2, "live"));
      await same(server, client, channel);
    });
  }

  await step("after more changes than are kept it gets the latest of each key", async () => {
    const channel = fresh("board");
    await putAll(server, channel, some(50));
    await using first = await open(url, { channels: [channel] });
    await first[Symbol.asyncDispose]();
    for (const n of numbers(1, 30)) await putAll(server, channel, some(40, n));
    await removeAll(server, channel, [keyOf(50)]);
    // What the server has not handed out yet would come one by one.
    await using witness = await open(url, { channels: [channel] });
    await same(server, witness, channel);
    await using client = await open(url, { channels: [channel], after: first });
    assert.equal(client.starts[0]?.recovered, true);
    await same(server, client, channel);
    assert.ok(client.changes.length < 300, `${client.changes.length} changes`);
  });

  for (const by of ["cursor", "position"] as const) {
    await step(`a state that began anew is given anew, asked by ${by}`, async () => {
      const channel = fresh("board");
      await putAll(server, channel, some(150));
      await using first = await open(url, { channels: [channel] });
      await first[Symbol.asyncDispose]();
      await server.api("map_clear", { channel });
      await putAll(server, channel, some(120, "new life").slice(10));
      await using client = await open(url, { channels: [channel], after: first, by });
      assert.deepEqual(client.starts, [{ channel, recovered: false }]);
      await same(server, client, channel);
      assert.equal(client.mirror().begun, 2);
    });
  }

  await step("a state that begins anew under its clients is given anew", async () => {
    const channel = fresh("board");
    await putAll(server, channel, some(120));
    await using client = await open(url, { channels: [channel] });
    await server.api("map_clear", { channel });
    await client.until(() => client.mirror().begun === 2 && client.isWhole, "another state");
    assert.equal(client.mirror().entries.size, 0);
    await putAll(server, channel, some(3, "new life"));
    await same(server, client, channel);
  });

  await step("cut in the middle of the pages, it comes to the same", async () => {
    const channel = fresh("board");
    // More than one answer of a long-poll.
    const big = "x".repeat(30_000);
    await putAll(server, channel, some(30, big));
    await using first = await open(url, { channels: [channel], pages: 1 });
    assert.equal(first.mirror().whole, false);
    assert.ok(first.mirror().entries.size > 0);
    await putAll(server, channel, some(30, "short").slice(1, 25));
    await removeAll(server, channel, [keyOf(1), keyOf(30)]);
    await using client = await open(url, { channels: [channel], after: first });
    await same(server, client, channel);
    assert.equal(client.mirror().entries.size, 28);
  });

  await step("cut again and again, it comes to the same", async () => {
    const channel = fresh("board");
    await putAll(server, channel, some(60, "x".repeat(30_000)));
    let client = await open(url, { channels: [channel], pages: 1 });
    for (const n of numbers(1, 6)) {
      await putAll(server, channel, some(60, n).slice(n * 5, n * 5 + 8));
      await removeAll(server, channel, [keyOf(n), keyOf(60 - n)]);
      // Those of `/v1/events` get on, page by page, or begin again.
      client = await open(url, { channels: [channel], after: client, pages: n });
      await client[Symbol.asyncDispose]();
    }
    await using last = await open(url, { channels: [channel], after: client });
    await same(server, last, channel);
  });

  await step("whoever vanishes costs the others nothing", async () => {
    const channel = fresh("board");
    await putAll(server, channel, some(30, "x".repeat(30_000)));
    const raw = await openRaw("sse", server.port, channel);
    await using client = await open(url, { channels: [channel] });
    raw.close();
    await putAll(server, channel, some(30, "y".repeat(30_000)));
    await same(server, client, channel);
  });
}
