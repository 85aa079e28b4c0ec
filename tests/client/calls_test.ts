/** Calls: what is sent when, in which order, how often, and what becomes of it. */
import assert from "node:assert/strict";
import { type Fakes, fakes, lost } from "./fakes.ts";

/** Without what the client asks for itself. */
const isOurs = ({ rpc }: Record<string, unknown>) =>
  (rpc as { method?: string })?.method !== "time";

async function online(fake: Fakes, transport: "websocket" | "sse" = "websocket") {
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(0);
  if (transport === "sse") {
    fake.link("websocket").context.down(lost);
    await fake.pass(0);
  }
  const link = fake.link(transport);
  link.up();
  await fake.pass(0);
  link.answer();
  return link;
}

const dataOf = (commands: readonly Record<string, unknown>[]) =>
  commands.filter(isOurs).map((command) => {
    const [, call] = Object.entries(command).find(([name]) => name !== "id") ?? [];
    return (call as { data?: unknown }).data;
  });

/** Answers `POST /v1/commands` and keeps what came. */
function commandServer(status = () => 200) {
  const bodies: Record<string, unknown>[][] = [];
  const fetch = (_: URL, { body }: RequestInit): Promise<Response> => {
    const commands = String(body).split("\n").map((line) => JSON.parse(line));
    bodies.push(commands);
    const replies = commands.map(({ id, ...command }) => {
      const [method = ""] = Object.keys(command);
      return JSON.stringify({ id, [method]: { data: { time: Date.now() } } });
    });
    return Promise.resolve(new Response(replies.join("\n"), { status: status() }));
  };
  return { fetch, bodies };
}

Deno.test("client: what is published while away is sent on return, in order, once", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  const channel = fake.client.channel("a");
  channel.subscribe(() => {});
  const published = [1, 2, 3].map((n) => channel.publish(n));
  await fake.pass(10_000);
  const first = fake.link("websocket");
  first.up();
  assert.deepEqual(dataOf(first.commands), [1, 2, 3]);
  const keys = first.commands.filter(isOurs).map(({ publish }) => publish);
  // Cut before it was answered: it goes again with the key it had, before what came later.
  first.context.down(lost);
  published.push(channel.publish(4));
  await fake.pass(1_000);
  const second = fake.link("websocket");
  second.up();
  assert.deepEqual(dataOf(second.commands), [1, 2, 3, 4]);
  assert.deepEqual(second.commands.filter(isOurs).slice(0, 3).map(({ publish }) => publish), keys);
  const names = second.commands.filter(isOurs).map(({ publish }) =>
    (publish as { idempotency_key: string }).idempotency_key
  );
  assert.equal(new Set(names).size, 4);
  second.answer();
  await Promise.all(published);
  second.context.replied({ id: 1 });
});

Deno.test("client: without a subscription, or on SSE, calls go by requests, one after the other", async () => {
  const { fetch, bodies } = commandServer();
  await using fake = fakes({ environment: { fetch } });
  const published = [1, 2].map((n) => fake.client.channel("a").publish(n));
  await fake.pass(0);
  await Promise.all(published);
  assert.deepEqual(bodies.map(dataOf), [[1, 2]]);
  assert.equal(fake.opened(), "");
  await online(fake, "sse");
  bodies.length = 0;
  const more = fake.client.channel("a").publish(3);
  await fake.pass(0);
  await more;
  assert.deepEqual(bodies.map(dataOf), [[3]]);
});

Deno.test("client: what waits goes by a request when the last subscription ends", async () => {
  const { fetch, bodies } = commandServer();
  await using fake = fakes({ environment: { fetch } });
  const subscription = fake.client.channel("a").subscribe(() => {});
  const published = fake.client.channel("a").publish(1);
  await fake.pass(500);
  assert.equal(bodies.length, 0);
  subscription.unsubscribe();
  await fake.pass(0);
  await published;
  assert.deepEqual(bodies.map(dataOf), [[1]]);
});

Deno.test("client: a request that fails is made again", async () => {
  const answers = [502, 503, 200];
  const { fetch, bodies } = commandServer(() => answers.shift() ?? 200);
  await using fake = fakes({ environment: { fetch } });
  const published = fake.client.channel("a").publish(1);
  await fake.pass(5_000);
  await published;
  assert.equal(bodies.length, 3);
  assert.deepEqual(bodies[0], bodies[2]);
});

/** The first `lost` requests for commands are never answered; they end when they are ended. */
function forgetfulServer(lost: number) {
  const { fetch, bodies } = commandServer();
  const left = { lost };
  return {
    bodies,
    left,
    fetch: (url: URL, init: RequestInit) => {
      if (left.lost-- <= 0) return fetch(url, init);
      return new Promise<Response>((_, reject) => {
        init.signal?.addEventListener("abort", () => reject(new Error("ended")));
      });
    },
  };
}

Deno.test("client: a request that is lost on its way is made again after ten seconds", async () => {
  const { fetch, bodies, left } = forgetfulServer(0);
  await using fake = fakes({ environment: { fetch } });
  await online(fake, "sse");
  left.lost = 1;
  const rpc = fake.client.rpc("once");
  const refused = assert.rejects(rpc, { code: 0 });
  await fake.pass(0);
  const published = fake.client.channel("a").publish(1);
  await fake.pass(10_999);
  assert.equal(dataOf(bodies.flat()).length, 0);
  await fake.pass(1);
  await Promise.all([refused, published]);
  assert.deepEqual(dataOf(bodies.flat()), [1]);
});

Deno.test("client: a request that is lost holds up no call on the next connection", async () => {
  const { fetch, left } = forgetfulServer(0);
  await using fake = fakes({ environment: { fetch } });
  await online(fake, "sse");
  left.lost = 1;
  const published = [fake.client.channel("a").publish(1)];
  await fake.pass(0);
  await fake.pass(15_000);
  left.lost = 1;
  published.push(fake.client.channel("a").publish(2));
  await fake.pass(0);
  const socket = fake.link("websocket");
  socket.up();
  const rpc = fake.client.rpc("once");
  await fake.pass(0);
  socket.answer();
  await fake.pass(0);
  await Promise.all([...published, rpc]);
});

Deno.test("client: order is kept where a message is full", async () => {
  await using fake = fakes();
  const link = await online(fake);
  const sizes = [15_000, 15_000, 10, 30_000, 10, 10];
  for (const size of sizes) fake.client.channel("a").publish("x".repeat(size)).catch(() => {});
  for (let i = 0; i < 150; i++) fake.client.channel("a").publish("y").catch(() => {});
  const { length } = link.sent;
  await fake.pass(0);
  const lengths = dataOf(link.commands).map((data) => String(data).length);
  assert.deepEqual(lengths.slice(0, 6), sizes);
  assert.ok(link.sent.slice(length).every((text) => text.split("\n").length <= 100));
});

Deno.test("client: of several values of one key that wait, the last is sent", async () => {
  await using fake = fakes();
  const client = fake.client;
  const link = await online(fake);
  const bus = client.state("m" as never);
  const published = [1, 2, 3].map((n) => bus.publish("k", n as never));
  published.push(bus.publish("other", 9 as never));
  await fake.pass(0);
  assert.deepEqual(dataOf(link.commands), [3, 9]);
  link.answer();
  await Promise.all(published);
});

Deno.test("client: everyMs sends the latest value of a key so often, whatever else is called", async () => {
  await using fake = fakes();
  const link = await online(fake);
  const bus = fake.client.state("m" as never);
  const at: [number, unknown][] = [];
  const from = fake.time.now;
  for (let n = 0; n < 50; n++) {
    bus.publish("k", n as never, { everyMs: 1_000 }).catch(() => {});
    if (n % 7 === 0) fake.client.channel("a").publish("other").catch(() => {});
    const { length } = dataOf(link.commands);
    await fake.pass(100);
    for (const data of dataOf(link.commands).slice(length)) {
      if (data !== "other") at.push([fake.time.now - from, data]);
    }
    link.answer();
  }
  assert.deepEqual(at.map(([ms]) => Math.round(ms / 1_000)), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(at.map(([, n]) => n), [0, 9, 19, 29, 39, 49]);
});

Deno.test("client: a thousand calls may wait, for a connection or for answers", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  const channel = fake.client.channel("a");
  channel.subscribe(() => {});
  const all = Array.from({ length: 1_000 }, (_, n) => channel.publish(n));
  const refused = { code: 106, message: "1000 calls wait" };
  await assert.rejects(channel.publish(1_000), refused);
  await fake.pass(0);
  fake.link("websocket").up();
  await assert.rejects(channel.publish(1_000), refused);
  fake.link("websocket").answer();
  await Promise.all(all);
  const last = channel.publish(1_000);
  await fake.pass(0);
  fake.link("websocket").answer();
  await last;
});

Deno.test("client: what is not known to have failed, but may not be done twice, is rejected", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  const link = await online(fake);
  const called = fake.client.rpc("pay", 5);
  const asked = fake.client.channel("a").presence();
  await fake.pass(0);
  assert.deepEqual(link.commands.filter(isOurs).length, 2);
  link.context.down(lost);
  await assert.rejects(called, { code: 0, message: "the connection was lost" });
  await fake.pass(1_000);
  fake.link("websocket").up();
  assert.equal(fake.link("websocket").commands.filter(isOurs).length, 1);
  fake.link("websocket").answer();
  assert.deepEqual(await asked, {});
});

Deno.test("client: errors reach who called, temporary ones are tried again", async () => {
  await using fake = fakes();
  const link = await online(fake);
  const published = fake.client.channel("a").publish(1);
  await fake.pass(0);
  const [command] = link.commands.filter(isOurs);
  const id = Number(command?.["id"]);
  link.context.replied({ id, error: { code: 111, message: "too many", temporary: true } });
  await fake.pass(1_000);
  assert.deepEqual(link.commands.filter(isOurs), [command, command]);
  link.context.replied({ id, error: { code: 103, message: "permission denied" } });
  await assert.rejects(published, { code: 103, message: "permission denied" });
});

Deno.test("client: closing rejects what waits; what is called then is rejected, too", async () => {
  await using fake = fakes();
  const link = await online(fake);
  const channel = fake.client.channel("a");
  const sent = channel.publish(1);
  await fake.pass(0);
  const waiting = channel.publish(2);
  const closing = fake.client.close();
  link.answer();
  const late = [channel.publish(3), fake.client.rpc("x"), channel.history()];
  for (const call of [sent, waiting, ...late]) {
    await assert.rejects(call, { code: 0, message: "closed" });
  }
  await closing;
});

Deno.test("client: batchWindow gathers what is published", async () => {
  const { fetch, bodies } = commandServer();
  await using fake = fakes({ batchWindow: 200, environment: { fetch } });
  const channel = fake.client.channel("a");
  const published = [];
  for (let n = 0; n < 10; n++) {
    published.push(channel.publish(n));
    await fake.pass(50);
  }
  await fake.pass(200);
  await Promise.all(published);
  assert.deepEqual(bodies.map((body) => body.length), [4, 4, 2]);
  assert.deepEqual(bodies.flatMap(dataOf), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const link = await online(fake);
  assert.equal(link.context.query["batch"], "200");
});
