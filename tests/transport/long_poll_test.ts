import assert from "node:assert/strict";
import { Refused } from "../support/clients/client.ts";
import { eventually } from "../support/clients/eventually.ts";
import { openLongPoll, poll } from "../support/clients/long_poll.ts";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { startServer } from "../support/server.ts";
import { fresh, transportSuite } from "./suite.ts";

transportSuite("long_poll", openLongPoll);

Deno.test("long_poll: what single requests keep", async (t) => {
  await using server = await startServer();
  const { url } = server;
  const dataOf = ({ messages }: Awaited<ReturnType<typeof poll>>) =>
    messages.map(({ pub }) => pub.data);

  await t.step("gives the same messages again for the same cursor", async () => {
    const channels = [fresh("public")];
    const [channel = ""] = channels;
    const { cursor } = await poll(url, { channels });
    await publishAll({ url, channel }, numbers(1, 5));
    const first = await poll(url, { channels, cursor });
    assert.deepEqual(dataOf(first), numbers(1, 5));
    const again = await poll(url, { channels, cursor });
    assert.deepEqual({ ...again, time: first.time }, first);
    await publishAll({ url, channel }, [6]);
    // Waits until this isolate has passed it on, which an answer with something else does not.
    assert.deepEqual(dataOf(await poll(url, { channels, cursor: first.cursor })), [6]);
    assert.deepEqual(dataOf(await poll(url, { channels, cursor })), numbers(1, 6));
  });

  await t.step("answers empty, with the same cursor, when the wait runs out", async () => {
    const channels = [fresh("public"), fresh("bench")];
    const { cursor, channels: starts } = await poll(url, { channels });
    assert.deepEqual(Object.keys(starts ?? {}), channels);
    for (const wait of [0, 0.2]) {
      const began = performance.now();
      const { time, ...answer } = await poll(url, { channels, cursor, wait });
      assert.deepEqual(answer, { cursor, messages: [] });
      assert.ok(Math.abs(time - Date.now()) < 10_000);
      assert.ok(performance.now() - began >= wait * 1_000 - 20, `before ${wait} s were over`);
    }
  });

  await t.step("a waiting request is answered as soon as there is a message", async () => {
    const channels = [fresh("public")];
    const [channel = ""] = channels;
    const { cursor } = await poll(url, { channels });
    const waiting = poll(url, { channels, cursor, wait: 30 });
    await publishAll({ url, channel }, ["now"]);
    assert.deepEqual(dataOf(await waiting), ["now"]);
  });

  await t.step("gives at most 512 KiB, the rest on the next call", async () => {
    const channels = [fresh("public")];
    const [channel = ""] = channels;
    const { cursor } = await poll(url, { channels });
    await publishAll({ url, channel }, numbers(1, 1_000).map(String));
    let many = await poll(url, { channels, cursor });
    // An answer has what this isolate has passed on by then.
    await eventually(async () => {
      many = await poll(url, { channels, cursor });
      return many.messages.length >= 1_000;
    }, "1,000 messages in one answer");
    assert.deepEqual(dataOf(many), numbers(1, 1_000).map(String));
    const big = "x".repeat(60_000);
    await publishAll({ url, channel, size: 50 }, numbers(1, 20).map(() => big));
    let rest = await poll(url, { channels, cursor: many.cursor });
    assert.ok(rest.messages.length > 0 && rest.messages.length < 10, `${rest.messages.length}`);
    let count = rest.messages.length;
    while (count < 20) {
      rest = await poll(url, { channels, cursor: rest.cursor });
      count += rest.messages.length;
    }
    assert.equal(count, 20);
    assert.equal((await poll(url, { channels, cursor: rest.cursor, wait: 0 })).messages.length, 0);
  });

  await t.step("refuses cursors that are not of this list", async () => {
    const [a, b] = [fresh("public"), fresh("public")];
    const { cursor } = await poll(url, { channels: [a, b] });
    for (const channels of [[b, a], [a], [a, b, fresh("public")]]) {
      await assert.rejects(
        poll(url, { channels, cursor }),
        (error) => error instanceof Refused && error.status === 400 && error.code === 107,
      );
    }
    for (const bad of ["x", "1~", `${cursor}~`, cursor.slice(0, -1) + "!", "1~~~"]) {
      await assert.rejects(
        poll(url, { channels: [a, b], cursor: bad }),
        (error) => error instanceof Refused && error.status === 400 && error.code === 107,
        bad,
      );
    }
  });

  await t.step("refuses what it cannot read, and says what is wrong", async () => {
    const refusals: [string, RegExp][] = [
      ["", /channels is missing/],
      ["channels=", /channels is missing/],
      ["channels=public:a,public:a", /twice/],
      ["channels=public:a%25%25zz", /badly encoded/],
      ["channels=public:a&since=1:1,2:2", /2 items for 1/],
      ["channels=public:a&since=zzz", /not epoch:offset/],
      ["channels=public:a&since=e:-1", /not epoch:offset/],
      ["channels=public:a&wait=-1", /wait/],
      ["channels=public:a&wait=1e9", /wait/],
    ];
    for (const [query, says] of refusals) {
      const response = await fetch(`${url}/v1/events?${query}`);
      assert.equal(response.status, 400, query);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      const problem = await response.json() as Record<string, unknown>;
      assert.equal(problem.code, 107);
      assert.match(String(problem.detail), says);
    }
  });

  await t.step("has headers that keep caches and proxies off", async () => {
    const response = await fetch(`${url}/v1/events?channels=public:headers`, {
      headers: { accept: "*/*" },
    });
    await response.json();
    assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
    assert.match(response.headers.get("cache-control") ?? "", /\bno-store\b/);
    assert.equal(response.headers.get("x-accel-buffering"), "no");
  });
});
