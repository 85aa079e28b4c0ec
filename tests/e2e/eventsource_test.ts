import assert from "node:assert/strict";
import { EventSource } from "eventsource";
import { startProxy } from "../client/proxy.ts";
import { within } from "../support/clients/eventually.ts";
import { startServer } from "../support/server.ts";
import { publishNumbers, upTo } from "./numbers.ts";

Deno.test("eventsource: after cuts it goes on by Last-Event-ID, nothing lost or twice", async () => {
  await using server = await startServer();
  await using proxy = startProxy(server.port);
  await using events = open(`${proxy.url}/v1/events?channels=public:a,public:b`);
  await events.subscribed();
  assert.equal(events.starts[0]?.channels["public:a"]?.recovered, undefined);
  await publishNumbers(server, "public:a", 1, 3);
  await events.reached(3);
  for (const from of [4, 24]) {
    const lost = events.error();
    const again = events.subscribed();
    proxy.cut();
    await lost;
    await publishNumbers(server, from === 4 ? "public:a" : "public:b", from, from + 19);
    await again;
    await events.reached(from + 19);
  }
  assert.deepEqual(events.numbers, upTo(43));
  for (const { channels } of events.starts.slice(1)) {
    assert.equal(channels["public:a"]?.recovered, true);
    assert.equal(channels["public:b"]?.recovered, true);
  }
});

Deno.test("eventsource: a shutdown is told, and after a restart it goes on", async () => {
  await using server = await startServer();
  await using events = open(`${server.url}/v1/events?channels=public:a`);
  await events.subscribed();
  await publishNumbers(server, "public:a", 1, 5);
  await events.reached(5);
  const told = events.next("disconnect");
  const again = events.subscribed();
  await server.signal("SIGTERM");
  assert.deepEqual(await told, { code: 3001, reason: "shutdown" });
  await using restarted = await startServer({ after: server });
  await publishNumbers(restarted, "public:a", 6, 9);
  await again;
  await events.reached(9);
  assert.deepEqual(events.numbers, upTo(9));
});

Deno.test("eventsource: a refusal ends it for good", async () => {
  await using server = await startServer();
  await using events = open(`${server.url}/v1/events?channels=orders:all`);
  assert.equal((await events.error()).code, 403);
  assert.equal(events.source.readyState, EventSource.CLOSED);
});

interface Start {
  readonly channels: Readonly<Record<string, { readonly recovered?: boolean } | undefined>>;
}

function open(url: string) {
  const source = new EventSource(url);
  const starts: Start[] = [];
  const numbers: number[] = [];
  const next = (name: string) =>
    within(
      new Promise<unknown>((resolve) =>
        source.addEventListener(name, ({ data }) => resolve(JSON.parse(data)), { once: true })
      ),
      `event ${name}`,
    );
  let look = () => {};
  source.addEventListener("subscribed", ({ data }) => starts.push(JSON.parse(data)));
  source.addEventListener("message", ({ data }) => {
    numbers.push(JSON.parse(data).pub.data.n);
    look();
  });
  return {
    source,
    starts,
    numbers,
    next,
    subscribed: () => next("subscribed"),
    error: () =>
      within(
        new Promise<{ code?: number | undefined }>((resolve) =>
          source.addEventListener("error", resolve, { once: true })
        ),
        "an error",
      ),
    reached(n: number) {
      const { promise, resolve } = Promise.withResolvers<void>();
      look = () => {
        if (numbers.includes(n)) resolve();
      };
      look();
      return within(promise, `number ${n} after ${numbers}`);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(source.close()),
  };
}
