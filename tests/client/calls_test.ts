/** Calls over a connection: what is taken, what is sent when and in which order, what is refused. */
import assert from "node:assert/strict";
import { commandServer } from "./answers.ts";
import { define } from "./define.ts";
import { dataOf, fakes, online } from "./fakes.ts";

Deno.test("client: data that JSON cannot hold is refused, and holds up nothing else", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  const channel = fake.client.channel("a");
  channel.subscribe(() => {});
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const refused = [circular, 10n].map((data) => assert.rejects(channel.publish(data), TypeError));
  const published = channel.publish(2);
  await Promise.all(refused);
  await fake.pass(0);
  const link = fake.link("websocket");
  link.up();
  assert.deepEqual(fake.statuses.at(-1), { name: "online", transport: "websocket" });
  assert.deepEqual(dataOf(link.commands), [2]);
  link.answer();
  await published;
});

Deno.test("client: data is taken as it is when it is published", async () => {
  await using fake = fakes();
  const link = await online(fake);
  const order = { number: 1, items: ["tea"] };
  const car = { at: 1 };
  const published = [
    fake.client.channel("a").publish(order),
    fake.client.state("cars").publish("1", car),
  ];
  order.number = 2;
  order.items.push("milk");
  car.at = 2;
  await fake.pass(0);
  assert.deepEqual(dataOf(link.commands), [{ number: 1, items: ["tea"] }, { at: 1 }]);
  link.answer();
  await Promise.all(published);
});

Deno.test("client: what is larger than 65,000 bytes is refused at once, and goes nowhere", async () => {
  await using fake = fakes();
  const link = await online(fake);
  const channel = fake.client.channel("a");
  const larger = { code: 106, message: "larger than 65000 bytes" };
  // Three bytes each in UTF-8.
  for (const data of ["x".repeat(65_000), "ị".repeat(21_700)]) {
    await assert.rejects(channel.publish(data), larger);
  }
  await assert.rejects(fake.client.rpc("big", "x".repeat(65_000)), larger);
  const published = ["x".repeat(64_500), "ị".repeat(21_500)].map((data) => channel.publish(data));
  await fake.pass(0);
  assert.deepEqual(dataOf(link.commands).map((data) => String(data).length), [64_500, 21_500]);
  link.answer();
  await Promise.all(published);
  assert.equal(link.isClosed, false);
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
  const bus = client.state("m");
  const published = [1, 2, 3].map((n) => bus.publish("k", n));
  published.push(bus.publish("other", 9));
  await fake.pass(0);
  assert.deepEqual(dataOf(link.commands), [3, 9]);
  link.answer();
  await Promise.all(published);
});

Deno.test("client: everyMs sends the latest value of a key so often, whatever else is called", async () => {
  await using fake = fakes();
  const link = await online(fake);
  const bus = fake.client.state("m");
  const at: [number, unknown][] = [];
  const from = fake.time.now;
  for (let n = 0; n < 50; n++) {
    bus.publish("k", n, { everyMs: 1_000 }).catch(() => {});
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

Deno.test("client: everyMs goes on when the device's clock is set back", async () => {
  await using fake = fakes();
  const link = await online(fake);
  const bus = fake.client.state("m");
  const publish = (n: number) => void bus.publish("k", n, { everyMs: 1_000 }).catch(() => {});
  publish(0);
  await fake.pass(10);
  const now = Date.now;
  using _clock = define(Date, "now", () => now() - 3_600_000);
  for (const n of [1, 2, 3]) {
    publish(n);
    await fake.pass(1_000);
  }
  assert.deepEqual(dataOf(link.commands), [0, 1, 2, 3]);
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
