/** What isolates tell each other gets lost; what they have to pass on does not. */
import assert from "node:assert/strict";
import { openOnEach } from "../support/clients/isolates.ts";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { startServer } from "../support/server.ts";
import { faultyMain, stopAndCount } from "./support/counts.ts";

const isolates = 2;
const channels = {
  namespaces: [{
    name: "log",
    history: { size: 20_000, ttl: "1h" },
    allow: { subscribe: "anyone" },
  }],
};
const channel = "log:isolates";

interface Loss {
  readonly what: string;
  readonly lose: Readonly<Record<string, number>>;
  /** The last message of the burst has to be everywhere by then. */
  readonly withinMs: number;
}

const losses: Loss[] = [
  { what: "every announcement", lose: { publications: 1 }, withinMs: 2_000 },
  {
    what: "every announcement and every head",
    lose: { publications: 1, heads: 1 },
    withinMs: 8_000,
  },
];

for (const { what, lose, withinMs } of losses) {
  Deno.test(`the last message of a burst reaches the other isolates though ${what} is lost`, async () => {
    await using server = await startServer({
      isolates,
      channels,
      entry: faultyMain,
      env: { TEST_BUS: JSON.stringify({ lose }) },
    });
    const { url } = server;
    {
      await using open = await openOnEach(url, isolates, { channels: [channel] });
      await publishAll({ url, channel, size: 25 }, numbers(1, 500));
      await Promise.all(open.clients.map(async (client) => {
        for (let n = 1; n <= 500; n++) {
          assert.equal((await client.next(withinMs)).data, n, client.transport);
        }
      }));
    }
    const { lost } = await stopAndCount(server, isolates);
    assert.ok(lost > 0, "nothing was lost: the test shows nothing");
  });
}

Deno.test("half of all announcements lost: everybody gets everything in order", async () => {
  await using server = await startServer({
    isolates,
    channels,
    entry: faultyMain,
    env: { TEST_BUS: JSON.stringify({ lose: { publications: 0.5 } }) },
  });
  const { url } = server;
  {
    await using open = await openOnEach(url, isolates, { channels: [channel] });
    const publishing = publishAll({ url, channel, size: 10 }, numbers(1, 5_000));
    await Promise.all([
      publishing,
      ...open.clients.map(async (client) => {
        for (let n = 1; n <= 5_000; n++) {
          const { data, offset } = await client.next();
          assert.equal(data, n, client.transport);
          assert.equal(offset, n);
        }
      }),
    ]);
  }
  const { lost } = await stopAndCount(server, isolates);
  assert.ok(lost > 50, `${lost} lost`);
});

Deno.test("a position ahead of the isolate it is brought to is not taken for a lost one", async () => {
  await using server = await startServer({
    isolates,
    channels,
    entry: faultyMain,
    // An isolate hears of the other's publications by its head check alone.
    env: { TEST_BUS: JSON.stringify({ lose: { publications: 1, heads: 1 } }) },
  });
  const { url } = server;
  // Holds the channel open on both isolates, each at its own position.
  await using open = await openOnEach(url, isolates, { channels: [channel] });
  const { epoch = "" } = open.clients[0]?.started.get(channel)?.position ?? {};
  for (let round = 1; round <= 5; round++) {
    await publishAll({ url, channel }, numbers(round * 10 - 9, round * 10));
    const options = {
      channels: [channel],
      positions: new Map([[channel, { epoch, offset: round * 10 - 2 }]]),
    };
    await using late = await openOnEach(url, isolates, options);
    for (const client of late.clients) {
      assert.equal(client.started.get(channel)?.recovered, true, client.transport);
      assert.equal((await client.next()).data, round * 10 - 1);
      assert.equal((await client.next()).data, round * 10);
    }
  }
});
