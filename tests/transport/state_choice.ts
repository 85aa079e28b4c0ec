/** Part of a state channel: by tags, or less often. */
import assert from "node:assert/strict";
import { Refused } from "../support/clients/client.ts";
import type { StateOptions } from "../support/clients/state/client.ts";
import { numbers } from "../support/clients/publish.ts";
import { keyOf, putAll, removeAll, same, stateOf } from "./keys.ts";
import { fresh, type StateCase } from "./suite.ts";

const filter = "color=red";

export async function stateChoiceSteps(all: StateCase): Promise<void> {
  await filterSteps(all);
  await rateSteps(all);
  await refusalSteps(all);
}

async function filterSteps({ server, open, step }: StateCase): Promise<void> {
  const { url } = server;
  const paint = (channel: string, color: string, keys: readonly number[]) =>
    putAll(server, channel, keys.map((n) => ({ key: keyOf(n), data: color, tags: { color } })));

  await step(
    "a filter holds for state and changes, and a key that leaves it is removed",
    async () => {
      const channel = fresh("board");
      await paint(channel, "red", numbers(1, 120));
      await paint(channel, "blue", numbers(1, 60));
      await using client = await open(url, { channels: [channel], filter });
      const { entries } = client.mirror();
      assert.deepEqual([...entries.keys()], numbers(61, 120).map(keyOf));
      await paint(channel, "blue", [61, 62, 1]);
      await paint(channel, "red", [2, 500]);
      await removeAll(server, channel, [keyOf(3), keyOf(63)]);
      await paint(channel, "red", [999]);
      await client.until(() => entries.has(keyOf(999)), "the last one");
      const left = [2, ...numbers(64, 120), 500, 999].map(keyOf);
      assert.deepEqual([...entries.keys()].sort(), left);
      const told = client.changes.map(({ key, removed }) => `${removed ? "-" : ""}${key}`);
      assert.deepEqual(
        told,
        [`-${keyOf(61)}`, `-${keyOf(62)}`, keyOf(2), keyOf(500), `-${keyOf(63)}`, keyOf(999)],
      );
    },
  );

  await step("a filter holds for what was missed", async () => {
    const channel = fresh("board");
    await paint(channel, "red", numbers(1, 10));
    await using first = await open(url, { channels: [channel], filter });
    await first[Symbol.asyncDispose]();
    await paint(channel, "blue", [1, 2, 11]);
    await removeAll(server, channel, [keyOf(2), keyOf(3)]);
    await paint(channel, "red", [12]);
    await using client = await open(url, { channels: [channel], filter, after: first });
    assert.equal(client.starts[0]?.recovered, true);
    const { entries } = client.mirror();
    await client.until(() => entries.has(keyOf(12)), "the last one");
    assert.deepEqual([...entries.keys()].sort(), [...numbers(4, 10), 12].map(keyOf));
  });

  await step("the position moves with what the filter holds back", async () => {
    const channel = fresh("board");
    const plain = fresh("public");
    await paint(channel, "red", [1]);
    // A plain channel's publications that are held back leave nothing behind but the position.
    const options = { channels: [channel], plain: [plain], filter };
    await using first = await open(url, options);
    await first[Symbol.asyncDispose]();
    for (const n of numbers(1, 5)) {
      await server.api("publish", { channel: plain, data: n, tags: { color: "blue" } });
    }
    await using second = await open(url, { ...options, after: first });
    if (second.transport === "websocket") return;
    await second.until(() => second.cursor !== first.cursor, "another cursor");
    await second[Symbol.asyncDispose]();
    await using third = await open(url, { ...options, after: second });
    assert.deepEqual(third.starts.map(({ recovered }) => recovered), [true, true]);
    await server.api("publish", { channel: plain, data: "red", tags: { color: "red" } });
    await third.until(() => third.changes.length > 0, "a change");
    assert.deepEqual(third.changes.map(({ data, offset }) => [data, offset]), [["red", 6]]);
  });
}

async function rateSteps({ server, open, step }: StateCase): Promise<void> {
  await step("maxRate: the latest of each key, so often a second", async () => {
    const channel = fresh("board");
    await putAll(server, channel, [{ key: "a", data: 0 }, { key: "b", data: 0 }]);
    const maxRate = 4;
    await using client = await open(server.url, { channels: [channel], maxRate });
    const began = performance.now();
    let last = 0;
    while (performance.now() - began < 1_500) {
      last++;
      await putAll(server, channel, ["a", "b"].map((key) => ({ key, data: last })));
    }
    await same(server, client, channel);
    const seconds = (performance.now() - began) / 1_000;
    const updates = client.changes.filter(({ key }) => key === "a").length;
    assert.ok(last > 50, `${last} were published`);
    assert.ok(updates <= seconds * maxRate + 2, `${updates} updates in ${seconds} s`);
    await removeAll(server, channel, ["a"]);
    await same(server, client, channel);
  });
}

async function refusalSteps({ server, open, step, transport }: StateCase): Promise<void> {
  const refused: [string, StateOptions, number, RegExp][] = [
    ["maxRate where it is not allowed", { channels: ["steady:a"], maxRate: 1 }, 108, /maxRate/],
    ["maxRate 0", { channels: ["board:a"], maxRate: 0 }, 107, /maxRate/],
    ["maxRate 101", { channels: ["board:a"], maxRate: 101 }, 107, /maxRate/],
    ["a filter where there is none", { channels: ["steady:a"], filter }, 108, /filters/],
    ["a filter that is none", { channels: ["board:a"], filter: "{}" }, 107, /filter/],
  ];
  for (const [what, options, code, says] of refused) {
    await step(`refuses ${what}`, async () => {
      await assert.rejects(open(server.url, options), (error) => {
        assert.ok(error instanceof Refused, String(error));
        assert.equal(error.code, code);
        assert.match(error.message, says);
        if (transport !== "websocket") assert.equal(error.status, code === 108 ? 501 : 400);
        return true;
      });
    });
  }

  await step("refuses nobody else for it", async () => {
    const channel = fresh("steady");
    await putAll(server, channel, [{ key: "a", data: 1 }]);
    await using client = await open(server.url, { channels: [channel] });
    assert.equal((await stateOf(server, channel)).entries.size, client.mirror().entries.size);
  });
}
