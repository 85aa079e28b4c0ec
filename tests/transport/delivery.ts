import assert from "node:assert/strict";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { type Case, fresh, take, takeData } from "./suite.ts";

/** Sends a channel's messages until the returned function is called, which tells how many. */
function publishOn(publish: (n: number) => Promise<unknown>): () => Promise<number> {
  let going = true;
  let n = 0;
  const done = (async () => {
    while (going) await publish(++n);
  })();
  return async () => {
    going = false;
    await done;
    return n;
  };
}

export async function deliverySteps({ server, open, step }: Case): Promise<void> {
  const { url } = server;
  const publish = (channel: string, data: unknown) => server.api("publish", { channel, data });

  await step("starts from now, then gives each message once", async () => {
    const channel = fresh();
    await publishAll({ url, channel }, ["before", "too"]);
    await using client = await open(url, { channels: [channel] });
    const start = client.started.get(channel);
    assert.equal(start?.position?.offset, 2);
    assert.equal(start?.recovered, undefined);
    await publishAll({ url, channel }, numbers(3, 40));
    const got = await take(client, 38);
    assert.deepEqual(got.map(({ data }) => data), numbers(3, 40));
    assert.deepEqual(got.map(({ offset }) => offset), numbers(3, 40));
    assert.deepEqual(client.positions().get(channel), {
      epoch: start?.position?.epoch,
      offset: 40,
    });
  });

  await step("carries several channels at once", async () => {
    const channels = [fresh(), fresh(), fresh("bench"), `${fresh()},50%`];
    await using client = await open(url, { channels });
    assert.deepEqual([...client.started.keys()].sort(), [...channels].sort());
    // Long-poll hears a channel without history only while it waits, so it comes again.
    for (const [i, channel] of channels.entries()) {
      const stop = publishOn(() => publish(channel, i));
      try {
        for (;;) {
          const message = await client.next();
          if (message.channel !== channel) continue;
          assert.equal(message.data, i);
          break;
        }
      } finally {
        await stop();
      }
    }
  });

  await step("delivers a channel without history, without positions", async () => {
    const channel = fresh("bench");
    await using client = await open(url, { channels: [channel] });
    assert.equal(client.started.get(channel)?.position, null);
    // Long-poll misses what comes between two requests: order is all there is to keep.
    const stop = publishOn((n) => publish(channel, n));
    try {
      let last = 0;
      for (const { data, offset } of await take(client, 20)) {
        assert.equal(offset, null);
        assert.ok(typeof data === "number" && data > last, `${data} after ${last}`);
        last = data;
      }
    } finally {
      await stop();
    }
    assert.equal(client.positions().get(channel), undefined);
  });

  await step("carries any text unchanged", async () => {
    const channel = fresh();
    await using client = await open(url, { channels: [channel] });
    const values = [
      "Nhịp đập 🥁 \u{1F1FB}\u{1F1F3}",
      "one\ntwo\r\nthree\rfour\n\nsix",
      "data: x\n\nid: 7\nevent: y",
      "\u2028 \u2029 \u0000 \ufeff \ud7ff",
      { "ключ\n": ["\\", '"', "</script>"] },
      null,
      "",
      0,
    ];
    await publishAll({ url, channel }, values);
    assert.deepEqual(await takeData(client, values.length), values);
  });

  await step("carries 64 KiB, and refuses a byte more", async () => {
    const channel = fresh();
    await using client = await open(url, { channels: [channel] });
    const ascii = "x".repeat(64 * 1024 - 2);
    const wide = "ị".repeat(Math.floor((64 * 1024 - 2) / 3));
    await publish(channel, ascii);
    await publish(channel, wide);
    const { error } = await publish(channel, `${ascii}x`);
    assert.deepEqual((error as { code: number }).code, 106);
    assert.deepEqual(await takeData(client, 2), [ascii, wide]);
  });

  await step("gives two clients the same order", async () => {
    const channel = fresh();
    await using one = await open(url, { channels: [channel] });
    await using two = await open(url, { channels: [channel] });
    const publishers = ["a", "b", "c", "d"].map((name) =>
      publishAll({ url, channel, size: 20 }, numbers(1, 100).map((n) => `${name}${n}`))
    );
    await Promise.all(publishers);
    const got = await takeData(one, 400);
    assert.equal(new Set(got).size, 400);
    assert.deepEqual(await takeData(two, 400), got);
  });
}
