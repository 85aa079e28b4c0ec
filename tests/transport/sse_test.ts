import assert from "node:assert/strict";
import { within } from "../support/clients/eventually.ts";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { openSse, SseParser } from "../support/clients/sse.ts";
import { startServer } from "../support/server.ts";
import { fresh, takeData, transportSuite } from "./suite.ts";

transportSuite("sse", openSse);

Deno.test("the test's own parser reads the event stream format", () => {
  const events: string[][] = [];
  let comments = 0;
  const parser = new SseParser((...event) => events.push(event), () => comments++);
  const text =
    ": hello\nretry: 5\nid: 7\ndata: a\ndata:  b\r\nevent: e\n\ndata\n\nid\ndata:c\n\nevent: x\n\n";
  for (const unit of text) parser.push(unit);
  assert.deepEqual(events, [["e", "a\n b", "7"], ["message", "", "7"], ["message", "c", ""]]);
  assert.equal(comments, 1);
});

Deno.test("sse: what event streams have of their own", async (t) => {
  await using server = await startServer();
  const { url } = server;

  await t.step("has headers that keep caches and proxies off", async () => {
    await using client = await openSse(url, { channels: [fresh("public")] });
    assert.match(client.headers.get("content-type") ?? "", /^text\/event-stream/);
    assert.match(client.headers.get("cache-control") ?? "", /\bno-store\b/);
    assert.equal(client.headers.get("x-accel-buffering"), "no");
    assert.equal(client.headers.get("content-encoding"), null);
  });

  await t.step("resumes several channels by Last-Event-ID", async () => {
    const [a, b] = [fresh("public"), fresh("public")];
    const channels = [a, b, fresh("bench")];
    let cursor: string;
    {
      await using client = await openSse(url, { channels });
      await publishAll({ url, channel: a }, numbers(1, 10));
      assert.deepEqual(await takeData(client, 6), numbers(1, 6));
      cursor = client.cursor;
    }
    await publishAll({ url, channel: b }, [100]);
    await using client = await openSse(url, { channels, cursor });
    assert.equal(client.started.get(a)?.recovered, true);
    assert.equal(client.started.get(b)?.recovered, true);
    const got = await takeData(client, 5);
    assert.deepEqual(got.filter((n) => Number(n) < 100), numbers(7, 10));
    assert.ok(got.includes(100));
    await publishAll({ url, channel: b }, [101]);
    assert.deepEqual(await takeData(client, 1), [101]);
  });

  await t.step("tells a cursor already at its start", async () => {
    const channel = fresh("public");
    const { cursor } = await (async () => {
      await using client = await openSse(url, { channels: [channel] });
      return { cursor: client.cursor };
    })();
    await publishAll({ url, channel }, ["missed"]);
    await using client = await openSse(url, { channels: [channel], cursor });
    assert.deepEqual(await takeData(client, 1), ["missed"]);
  });

  await t.step("sends comments while nothing happens", async () => {
    // Their heartbeats are spread over the period, so the first comes soon.
    const open = () => openSse(url, { channels: [fresh("public")] });
    const clients = await Promise.all(Array.from({ length: 15 }, open));
    try {
      await within(Promise.race(clients.map((one) => one.comment())), "a comment", 5_000);
    } finally {
      await Promise.all(clients.map((one) => one[Symbol.asyncDispose]()));
    }
  });

  await t.step("takes the token from the header", async () => {
    const channels = "orders:all";
    const ask = (token?: string) =>
      fetch(`${url}/v1/events?channels=${channels}`, {
        headers: {
          accept: "text/event-stream",
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
      });
    for (const [token, status] of [[await server.token(), 200], ["x", 401], [undefined, 403]]) {
      const response = await ask(token as string | undefined);
      assert.equal(response.status, status);
      const type = response.headers.get("content-type") ?? "";
      assert.match(type, status === 200 ? /event-stream/ : /problem\+json/);
      await response.body?.cancel();
    }
  });
});
