import assert from "node:assert/strict";
import type { StreamPosition } from "../../lib/protocol/publication.ts";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { type Case, fresh, take, takeData } from "./suite.ts";

export async function recoverySteps({ server, open, step }: Case): Promise<void> {
  const { url } = server;

  /** Publishes 1 … count and tells the position after a given one. */
  const filled = async (channel: string, count: number) => {
    await publishAll({ url, channel }, numbers(1, count));
    const { result } = await server.api("history", { channel });
    const { epoch } = result as { epoch: string };
    return (offset: number): StreamPosition => ({ epoch, offset });
  };

  await step("resumes from a position: what was missed, then live", async () => {
    const channel = fresh();
    const at = await filled(channel, 30);
    await using client = await open(url, {
      channels: [channel],
      positions: new Map([[channel, at(10)]]),
    });
    assert.deepEqual(client.started.get(channel), { position: at(10), recovered: true });
    await publishAll({ url, channel }, numbers(31, 60));
    const got = await take(client, 50);
    assert.deepEqual(got.map(({ data }) => data), numbers(11, 60));
    assert.deepEqual(got.map(({ offset }) => offset), numbers(11, 60));
  });

  await step("resumes where nothing was missed", async () => {
    const channel = fresh();
    const at = await filled(channel, 3);
    await using client = await open(url, {
      channels: [channel],
      positions: new Map([[channel, at(3)]]),
    });
    assert.deepEqual(client.started.get(channel), { position: at(3), recovered: true });
    await publishAll({ url, channel }, [4]);
    assert.deepEqual(await takeData(client, 1), [4]);
  });

  await step("resumes an empty stream, and one from its very start", async () => {
    const channel = fresh();
    const at = await filled(channel, 0);
    const options = { channels: [channel], positions: new Map([[channel, at(0)]]) };
    await using early = await open(url, options);
    assert.equal(early.started.get(channel)?.recovered, true);
    await publishAll({ url, channel }, numbers(1, 10));
    await using late = await open(url, options);
    assert.deepEqual(await takeData(early, 10), numbers(1, 10));
    assert.deepEqual(await takeData(late, 10), numbers(1, 10));
  });

  await step("resumes after 5,000 messages while publishing goes on", async () => {
    const channel = fresh();
    const at = await filled(channel, 5_000);
    const publishing = publishAll({ url, channel, size: 50 }, numbers(5_001, 7_000));
    await using client = await open(url, {
      channels: [channel],
      positions: new Map([[channel, at(0)]]),
    });
    assert.equal(client.started.get(channel)?.recovered, true);
    const got = await takeData(client, 7_000);
    await publishing;
    await publishAll({ url, channel }, ["end"]);
    got.push(...await takeData(client, 1));
    assert.deepEqual(got, [...numbers(1, 7_000), "end"]);
  });

  await step("resumes several channels, each from its own position", async () => {
    const channels = [fresh(), fresh(), fresh()];
    const [a = "", b = "", c = ""] = channels;
    const atA = await filled(a, 1_500);
    const atB = await filled(b, 20);
    await filled(c, 5);
    // Only WebSocket and SSE tell where the one without a position starts.
    await using client = await open(url, {
      channels,
      positions: new Map([[a, atA(100)], [b, atB(19)]]),
    });
    await publishAll({ url, channel: c }, [6]);
    const got = new Map<string, unknown[]>(channels.map((channel) => [channel, []]));
    for (const { channel, data } of await take(client, 1_402)) got.get(channel)?.push(data);
    assert.deepEqual(got.get(a), numbers(101, 1_500));
    assert.deepEqual(got.get(b), [20]);
    assert.deepEqual(got.get(c), [6]);
  });

  const lost: [string, string, (at: (offset: number) => StreamPosition) => StreamPosition][] = [
    ["of another epoch", "log", () => ({ epoch: "abcdefgh", offset: 7 })],
    ["of another epoch at the head's offset", "log", () => ({ epoch: "abcdefgh", offset: 40 })],
    ["that has been trimmed", "short", (at) => at(10)],
    ["ahead of the head", "log", (at) => at(41)],
    ["far ahead of the head", "log", (at) => at(2 ** 40)],
  ];
  for (const [what, namespace, position] of lost) {
    await step(`says that a position ${what} is lost, and goes on from the head`, async () => {
      const channel = fresh(namespace);
      const at = await filled(channel, 40);
      await using client = await open(url, {
        channels: [channel],
        positions: new Map([[channel, position(at)]]),
      });
      assert.deepEqual(client.started.get(channel), { position: at(40), recovered: false });
      await publishAll({ url, channel }, [41, 42]);
      assert.deepEqual(await takeData(client, 2), [41, 42]);
      assert.deepEqual(client.positions().get(channel), at(42));
    });
  }

  await step("resumes from the oldest position that is still kept", async () => {
    const channel = fresh("short");
    const at = await filled(channel, 40);
    await using client = await open(url, {
      channels: [channel],
      positions: new Map([[channel, at(35)]]),
    });
    assert.equal(client.started.get(channel)?.recovered, true);
    assert.deepEqual(await takeData(client, 5), numbers(36, 40));
  });
}
