/** A state channel: its snapshot, then what changes. */
import assert from "node:assert/strict";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { keyOf, putAll, removeAll, same, stateOf } from "./keys.ts";
import { fresh, type StateCase } from "./suite.ts";

export async function stateSteps({ server, open, step }: StateCase): Promise<void> {
  const { url } = server;
  const some = (count: number, data: unknown = 0) =>
    numbers(1, count).map((n) => ({ key: keyOf(n), data }));

  await step("gives the state, then what changes", async () => {
    const channel = fresh("board");
    await putAll(server, channel, some(5));
    await removeAll(server, channel, [keyOf(2)]);
    await using client = await open(url, { channels: [channel] });
    assert.deepEqual([...client.mirror().entries.keys()], [1, 3, 4, 5].map(keyOf));
    assert.equal(client.starts[0]?.recovered, undefined);
    await putAll(server, channel, [{ key: keyOf(3), data: "new" }, { key: "more", data: [null] }]);
    await removeAll(server, channel, [keyOf(5)]);
    await same(server, client, channel);
    assert.equal(client.changes.length, 3);
    assert.equal(client.mirror().begun, 1);
  });

  await step("an empty state is whole, and filled by what follows", async () => {
    const channel = fresh("board");
    await using client = await open(url, { channels: [channel] });
    assert.equal(client.mirror().entries.size, 0);
    assert.equal(client.mirror().position?.offset, 0);
    await putAll(server, channel, some(3));
    await same(server, client, channel);
    assert.equal(client.changes.length, 3);
  });

  await step("gives 2,500 keys in pages while they change, then all that changed", async () => {
    const channel = fresh("board");
    await putAll(server, channel, some(2_500));
    let going = true;
    const changing = (async () => {
      for (let n = 0; going; n++) {
        await putAll(server, channel, some(40).map(({ key }) => ({ key, data: n })));
        await removeAll(server, channel, [keyOf(2_000 + n)]);
      }
    })();
    try {
      await using client = await open(url, { channels: [channel] });
      assert.ok(client.pages > (client.transport === "long_poll" ? 0 : 1), `${client.pages} pages`);
      await client.until(() => client.changes.length > 200, "changes");
      going = false;
      await changing;
      await same(server, client, channel);
      assert.equal(client.mirror().begun, 1);
    } finally {
      going = false;
      await changing;
    }
  });

  await step("gives values of 64 KiB, in pages of a bounded length", async () => {
    const channel = fresh("board");
    const big = "ị".repeat(21_000);
    await putAll(server, channel, some(30, big));
    await using client = await open(url, { channels: [channel] });
    assert.ok(client.pages > 1, `${client.pages} pages`);
    await putAll(server, channel, some(3, `${big}!`));
    await same(server, client, channel);
  });

  await step("carries any key and any value unchanged", async () => {
    const channel = fresh("board");
    const keys = ["đơn 🛵", '"\\', "~.!'()*%", "__proto__", "data: x", "x".repeat(255)];
    await putAll(server, channel, keys.map((key) => ({ key, data: { [key]: key } })));
    await using client = await open(url, { channels: [channel] });
    await same(server, client, channel);
    await putAll(server, channel, keys.map((key) => ({ key, data: [key] })));
    await removeAll(server, channel, keys.slice(0, 3));
    await same(server, client, channel);
    assert.equal(client.mirror().entries.size, 3);
  });

  await step("tells the end of a key's time", async () => {
    const channel = fresh("brief");
    await putAll(server, channel, some(3));
    await using client = await open(url, { channels: [channel] });
    const mirror = client.mirror();
    await client.until(() => mirror.entries.size === 0, "all keys have ended");
    await putAll(server, channel, [{ key: "late", data: 1 }]);
    await client.until(() => mirror.entries.has("late"), "a key");
    await client.until(() => mirror.entries.size === 0, "its end");
    const { key, removed } = client.changes.at(-1) ?? {};
    assert.deepEqual([key, removed], ["late", true]);
    assert.equal((await stateOf(server, channel)).entries.size, 0);
  });

  await step("carries state channels and a plain one at once", async () => {
    const channels = [fresh("board"), fresh("board")];
    const [a = "", b = ""] = channels;
    const plain = fresh();
    await putAll(server, a, some(150));
    await publishAll({ url, channel: plain }, ["before"]);
    await using client = await open(url, { channels, plain: [plain] });
    await publishAll({ url, channel: plain }, [1, 2]);
    await putAll(server, b, some(2));
    await publishAll({ url, channel: plain }, [3]);
    await removeAll(server, a, [keyOf(7)]);
    const ofPlain = () => client.changes.filter(({ channel }) => channel === plain);
    await client.until(() => ofPlain().length === 3, "the plain channel's messages");
    assert.deepEqual(ofPlain().map(({ data }) => data), [1, 2, 3]);
    for (const channel of channels) await same(server, client, channel);
  });
}
