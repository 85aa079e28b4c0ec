/** What reaches the application: from links side by side, into listeners and loops. */
import assert from "node:assert/strict";
import type { Publication, Status } from "../../lib/client/api.ts";
import { at, type Fakes, fakes, lost, turn } from "./fakes.ts";

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

/** Online by WebSocket, and what it says on channel "a". */
async function online(fake: Fakes) {
  await fake.pass(0);
  fake.link("websocket").up();
  return (offset: number) => fake.link("websocket").publish("a", { offset, data: offset });
}

Deno.test("client: a listener that throws is reported and stops nothing", async () => {
  await using fake = fakes();
  const reported: unknown[] = [];
  const report = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error.message);
  };
  addEventListener("error", report);
  const heard: unknown[] = [];
  const channel = fake.client.channel("a");
  channel.subscribe(({ data }) => {
    throw new Error(`cannot bear ${data}`);
  });
  channel.subscribe(({ data }) => heard.push(data));
  fake.client.status.subscribe(({ name }) => {
    if (name === "online") throw new Error(name);
  });
  const publish = await online(fake);
  publish(1);
  publish(2);
  await turn();
  removeEventListener("error", report);
  assert.deepEqual(heard, [1, 2]);
  assert.deepEqual(reported, ["online", "cannot bear 1", "cannot bear 2"]);
});

Deno.test("client: who unsubscribes hears nothing more, nor whom it unsubscribes", async () => {
  await using fake = fakes();
  const channel = fake.client.channel("a");
  const heard: string[] = [];
  const first = channel.subscribe(({ data }) => {
    heard.push(`first ${data}`);
    if (data === 2) first.unsubscribe();
    if (data === 1) second.unsubscribe();
  });
  const second = channel.subscribe(({ data }) => heard.push(`second ${data}`));
  const third = channel.subscribe(({ data }) => heard.push(`third ${data}`));
  const publish = await online(fake);
  for (const offset of [1, 2, 3]) publish(offset);
  assert.deepEqual(heard, ["first 1", "third 1", "first 2", "third 2", "third 3"]);
  for (const subscription of [first, second, third, third]) subscription.unsubscribe();
  await turn();
  assert.deepEqual(fake.statuses.at(-1), { name: "idle" });
  assert.ok(fake.link("websocket").isClosed);
});

Deno.test("client: a listener may close the client; everybody is told in order", async () => {
  await using fake = fakes();
  const closing: Promise<void>[] = [];
  const seen: Status["name"][] = [];
  const heard: unknown[] = [];
  fake.client.channel("a").subscribe(({ data }) => heard.push(data));
  fake.client.status.subscribe(({ name }) => {
    if (name === "online") closing.push(fake.client.close());
  });
  fake.client.status.subscribe(({ name }) => seen.push(name));
  const publish = await online(fake);
  publish(1);
  await Promise.all(closing);
  assert.deepEqual(seen, ["connecting", "closed"]);
  assert.deepEqual(heard, []);
});

const numbers = async (loop: AsyncIterable<Publication<unknown>>, most = Infinity) => {
  const all: unknown[] = [];
  for await (const { data } of loop) {
    all.push(data);
    if (all.length === most) break;
  }
  return all;
};

Deno.test("client: two loops read a channel each at its pace; leaving one ends it alone", async () => {
  await using fake = fakes();
  const channel = fake.client.channel("a");
  const [one, other] = [channel.subscribe(), channel.subscribe()];
  const two = numbers(one, 2);
  const all = numbers(other);
  const publish = await online(fake);
  for (const offset of [1, 2, 3]) publish(offset);
  assert.deepEqual(await two, [1, 2]);
  assert.equal(fake.link("websocket").isClosed, false);
  other.unsubscribe();
  assert.deepEqual(await all, [1, 2, 3]);
  assert.deepEqual(fake.statuses.at(-1), { name: "idle" });
});

Deno.test("client: a loop that is asked ahead of time is answered in order", async () => {
  await using fake = fakes();
  const loop = fake.client.channel("a").subscribe()[Symbol.asyncIterator]();
  const asked = [loop.next(), loop.next(), loop.next()];
  const publish = await online(fake);
  for (const offset of [1, 2]) publish(offset);
  await turn();
  await loop.return?.();
  const read = (await Promise.all(asked)).map(({ done, value }) => done ? "done" : value.data);
  assert.deepEqual(read, [1, 2, "done"]);
});

Deno.test("client: a loop that does not read ends with an error after 10,000 publications", async () => {
  await using fake = fakes();
  const channel = fake.client.channel("a");
  const slow = channel.subscribe();
  let count = 0;
  channel.subscribe(() => count++);
  const publish = await online(fake);
  for (let offset = 1; offset <= 10_005; offset++) publish(offset);
  assert.equal(count, 10_005);
  let read = 0;
  const reading = async () => {
    for await (const { data } of slow) assert.equal(data, ++read);
  };
  await assert.rejects(reading, { code: 0, message: "10000 publications are unread" });
  assert.equal(read, 10_000);
});

Deno.test("client: a loop throws when it is refused, also by a client that is closed", async () => {
  await using fake = fakes();
  const refused = fake.client.channel("a").subscribe();
  const reading = numbers(refused);
  const publish = await online(fake);
  publish(1);
  const reason = Object.assign(new Error("permission denied"), { code: 103 });
  fake.link("websocket").context.refused("a", reason);
  await assert.rejects(refused.ready.then(() => reading), { code: 103 });
  await fake.client.close();
  const codes: number[] = [];
  const late = fake.client.channel("b").subscribe({ onRefused: ({ code }) => codes.push(code) });
  await assert.rejects(numbers(late), { code: 0, message: "closed" });
  await assert.rejects(late.ready, { code: 0 });
  assert.deepEqual(codes, [0]);
});
