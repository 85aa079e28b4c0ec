/** Calls that are sent again: which of them, when, how often, and what must not come of it. */
import assert from "node:assert/strict";
import { callsIn, dataOf, fakes, lost, online } from "./fakes.ts";

Deno.test("client: what is published while away is sent on return, in order, once", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  const channel = fake.client.channel("a");
  channel.subscribe(() => {});
  const published = [1, 2, 3].map((n) => channel.publish(n));
  await fake.pass(10_000);
  const first = fake.link("websocket");
  first.up();
  assert.deepEqual(dataOf(first.commands), [1, 2, 3]);
  const keys = callsIn(first.commands).map(({ publish }) => publish);
  // Cut before it was answered: it goes again with the key it had, before what came later.
  first.context.down(lost);
  published.push(channel.publish(4));
  await fake.pass(1_000);
  const second = fake.link("websocket");
  second.up();
  assert.deepEqual(dataOf(second.commands), [1, 2, 3, 4]);
  assert.deepEqual(callsIn(second.commands).slice(0, 3).map(({ publish }) => publish), keys);
  const names = callsIn(second.commands).map(({ publish }) =>
    (publish as { idempotency_key: string }).idempotency_key
  );
  assert.equal(new Set(names).size, 4);
  second.answer();
  await Promise.all(published);
  second.context.replied({ id: 1 });
});

Deno.test("client: what is not known to have failed, but may not be done twice, is rejected", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  const link = await online(fake);
  const called = fake.client.rpc("pay", 5);
  const asked = fake.client.channel("a").presence();
  await fake.pass(0);
  assert.deepEqual(callsIn(link.commands).length, 2);
  link.context.down(lost);
  await assert.rejects(called, { code: 0, message: "the connection was lost" });
  await fake.pass(1_000);
  fake.link("websocket").up();
  assert.equal(callsIn(fake.link("websocket").commands).length, 1);
  fake.link("websocket").answer();
  assert.deepEqual(await asked, {});
});

Deno.test("client: errors reach who called, temporary ones are tried again", async () => {
  await using fake = fakes();
  const link = await online(fake);
  const published = fake.client.channel("a").publish(1);
  await fake.pass(0);
  const [command] = callsIn(link.commands);
  const id = Number(command?.["id"]);
  link.context.replied({ id, error: { code: 111, message: "too many", temporary: true } });
  await fake.pass(1_000);
  assert.deepEqual(callsIn(link.commands), [command, command]);
  link.context.replied({ id, error: { code: 103, message: "permission denied" } });
  await assert.rejects(published, { code: 103, message: "permission denied" });
});

Deno.test("client: after a loss the latest value of a key is the last one sent", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  const first = await online(fake);
  const bus = fake.client.state("m");
  const every = { everyMs: 1_000 };
  const published = [bus.publish("k", 1, every)];
  await fake.pass(0);
  published.push(bus.publish("k", 2, every));
  await fake.pass(100);
  assert.deepEqual(dataOf(first.commands), [1]);
  first.context.down(lost);
  published.push(bus.publish("k", 3, every));
  await fake.pass(5_000);
  const second = fake.link("websocket");
  second.up();
  await fake.pass(5_000);
  assert.deepEqual(dataOf(second.commands), [3]);
  second.answer();
  // Whoever gave an earlier value is told, too.
  await Promise.all(published);
});

Deno.test("client: a value that was refused for a while does not come after a later one", async () => {
  await using fake = fakes();
  const link = await online(fake);
  const bus = fake.client.state("m");
  const published = [bus.publish("k", 1)];
  await fake.pass(0);
  published.push(bus.publish("k", 2));
  await fake.pass(0);
  const [one, two] = callsIn(link.commands);
  assert.ok(one !== undefined && two !== undefined);
  link.refuse(one, { code: 100, message: "busy", temporary: true });
  link.context.replied({ id: Number(two["id"]) });
  await fake.pass(3_000);
  assert.deepEqual(dataOf(link.commands), [1, 2]);
  await Promise.all(published);
});

Deno.test("client: after a temporary error nothing goes for a second, whatever is called", async () => {
  await using fake = fakes();
  const link = await online(fake);
  const channel = fake.client.channel("a");
  const published = [channel.publish("x")];
  await fake.pass(0);
  const [command] = callsIn(link.commands);
  assert.ok(command !== undefined);
  link.refuse(command, { code: 111, message: "limit", temporary: true });
  for (let n = 0; n < 9; n++) {
    published.push(channel.publish(n));
    await fake.pass(100);
  }
  assert.deepEqual(dataOf(link.commands), ["x"]);
  await fake.pass(100);
  assert.deepEqual(dataOf(link.commands), ["x", "x", 0, 1, 2, 3, 4, 5, 6, 7, 8]);
  link.answer();
  await Promise.all(published);
});

Deno.test("client: a publish is sent again for as long as the server knows it, and then rejected", async () => {
  for (const [awayMs, sent] of [[239_000, ["pay"]], [241_000, []]] as const) {
    await using fake = fakes({ transports: ["websocket"] });
    const first = await online(fake);
    const published = fake.client.channel("a").publish("pay");
    const unknown = { code: 0, message: "nobody knows whether it was done" };
    const settled = sent.length > 0 ? published : assert.rejects(published, unknown);
    await fake.pass(0);
    first.context.down(lost);
    await fake.pass(awayMs);
    const second = fake.link("websocket");
    second.up();
    assert.deepEqual(dataOf(second.commands), sent);
    second.answer();
    await settled;
  }
});
