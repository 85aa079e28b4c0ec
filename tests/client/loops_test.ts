/** What `for await` reads of a channel. */
import assert from "node:assert/strict";
import type { Publication } from "../../lib/client/api.ts";
import { fakes, publisher, turn } from "./fakes.ts";
import { reports } from "./reports.ts";

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
  const publish = await publisher(fake);
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
  const publish = await publisher(fake);
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
  const publish = await publisher(fake);
  for (let offset = 1; offset <= 10_005; offset++) publish(offset);
  assert.equal(count, 10_005);
  let read = 0;
  const reading = async () => {
    for await (const { data } of slow) assert.equal(data, ++read);
  };
  await assert.rejects(reading, { code: 0, message: "10000 publications are unread" });
  assert.equal(read, 10_000);
});

Deno.test("client: a loop that is refused ends though onRefused throws", async () => {
  await using fake = fakes();
  using reported = reports();
  const onRefused = () => {
    throw new Error("cannot bear it");
  };
  const reading = numbers(fake.client.channel("a").subscribe({ onRefused }));
  await publisher(fake);
  const reason = Object.assign(new Error("permission denied"), { code: 103 });
  fake.link("websocket").context.refused("a", reason);
  await assert.rejects(reading, { code: 103 });
  assert.deepEqual(reported.messages, ["cannot bear it"]);
});

Deno.test("client: a loop throws when it is refused, also by a client that is closed", async () => {
  await using fake = fakes();
  const refused = fake.client.channel("a").subscribe();
  const reading = numbers(refused);
  const publish = await publisher(fake);
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
