/** What reaches the application of links that are lost, or side by side. */
import assert from "node:assert/strict";
import { at, type Fakes, fakes, lost } from "./fakes.ts";

/** Online by SSE, with a WebSocket on its way. */
async function sideBySide(fake: Fakes): Promise<void> {
  await fake.pass(1_000);
  fake.link("sse").up();
}

Deno.test("client: two links side by side deliver each publication once, in order", async () => {
  await using fake = fakes();
  const heard: unknown[] = [];
  const gaps: string[] = [];
  fake.client.channel("a").subscribe(({ data }) => heard.push(data), {
    onGap: () => gaps.push("a"),
  });
  await sideBySide(fake);
  const [socket, stream] = [fake.link("websocket"), fake.link("sse")];
  const publish = (link: typeof socket, ...offsets: number[]) =>
    offsets.forEach((offset) => link.publish("a", { offset, data: offset }));
  publish(stream, 1, 2, 3);
  socket.context.started("a", { position: at(1) });
  publish(socket, 2, 3, 4, 5);
  publish(stream, 4, 5, 6);
  socket.context.up();
  assert.ok(stream.isClosed);
  publish(stream, 7);
  publish(socket, 6, 7);
  assert.deepEqual(heard, [1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(gaps, []);
});

Deno.test("client: without history nothing comes twice, for the link that is used counts", async () => {
  await using fake = fakes();
  const heard: unknown[] = [];
  fake.client.channel("a").subscribe(({ data }) => heard.push(data));
  await fake.pass(1_000);
  const [socket, stream] = [fake.link("websocket"), fake.link("sse")];
  stream.up({ position: null });
  socket.context.started("a", { position: null });
  for (const link of [stream, socket]) link.publish("a", { data: 1 });
  socket.context.up();
  for (const link of [stream, socket]) link.publish("a", { data: 2 });
  assert.deepEqual(heard, [1, 2]);
});

Deno.test("client: a link that leaves one out is given up, and what is missing comes again", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  const heard: unknown[] = [];
  fake.client.channel("a").subscribe(({ data }) => heard.push(data));
  await fake.pass(0);
  const link = fake.link("websocket");
  link.up();
  for (const offset of [1, 3, 2]) link.publish("a", { offset, data: offset });
  assert.ok(link.isClosed);
  await fake.pass(1_000);
  assert.deepEqual(fake.link("websocket").context.wanted()[0]?.position, at(1));
  assert.deepEqual(heard, [1]);
});

Deno.test("client: a better link that lost the position is not used; alone it tells the gap", async () => {
  await using fake = fakes({ transports: ["websocket", "sse"] });
  const gaps: string[] = [];
  fake.client.channel("a").subscribe(() => {}, { onGap: () => gaps.push("a") });
  await sideBySide(fake);
  fake.link("sse").publish("a", { offset: 1, data: 1 });
  fake.link("websocket").context.started("a", { position: at(9, "y"), recovered: false });
  assert.deepEqual(gaps, []);
  assert.ok(fake.link("websocket").isClosed);
  fake.link("sse").context.down(lost);
  await fake.pass(1_000);
  fake.links.at(-1)?.up({ position: at(9, "y"), recovered: false });
  assert.deepEqual(gaps, ["a"]);
  assert.deepEqual(fake.client.channel("a").position, at(9, "y"));
});

Deno.test("client: a slower link from now on, alone later, repeats nothing and tells no gap", async () => {
  await using fake = fakes();
  const heard: unknown[] = [];
  const onGap = () => heard.push("gap");
  fake.client.channel("a").subscribe(({ data }) => heard.push(data), { onGap });
  await fake.pass(1_000);
  const [socket, stream] = [fake.link("websocket"), fake.link("sse")];
  stream.up({ position: at(10) });
  for (const offset of [11, 12]) stream.publish("a", { data: offset, offset });
  stream.context.down(lost);
  assert.equal(socket.isClosed, false);
  // It was asked when 11 was the last, and is answered only now.
  socket.context.started("a", { position: at(11) });
  socket.context.up();
  for (const offset of [12, 13]) socket.publish("a", { data: offset, offset });
  assert.deepEqual(heard, [11, 12, 13]);
});

Deno.test("client: a slower link, alone later, does not take a state channel back", async () => {
  await using fake = fakes();
  const told: string[] = [];
  fake.client.state("m").subscribe({
    onSync: (entries) => told.push(`sync ${entries.get("k")}`),
    onChange: ({ data }) => told.push(`${data}`),
  });
  await fake.pass(1_000);
  const [socket, stream] = [fake.link("websocket"), fake.link("sse")];
  const entries = (offset: number) => [{ key: "k", data: offset, offset }];
  stream.up({ position: at(10), entries: entries(10) });
  stream.publish("m", { key: "k", data: 12, offset: 12 });
  stream.context.down(lost);
  socket.context.started("m", { position: at(11), entries: entries(11) });
  socket.context.up();
  socket.publish("m", { key: "k", data: 13, offset: 13 });
  assert.deepEqual(told, ["sync 10", "12", "13"]);
});
