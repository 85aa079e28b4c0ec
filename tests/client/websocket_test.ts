/** A WebSocket whose channels change while it opens, and while it is open. */
import assert from "node:assert/strict";
import { connect } from "../../lib/client/mod.ts";
import { StreamFeed } from "../../lib/client/stream_feed.ts";
import { VirtualTime } from "../support/virtual_time.ts";
import { at, turn } from "./fakes.ts";
import { fakeSockets, loneSocket } from "./lone_link.ts";

Deno.test("client: a channel wanted between a WebSocket's greeting and its answer is subscribed to", () => {
  using _time = new VirtualTime(0);
  const { link, fake, told, wanted } = loneSocket();
  fake.onopen();
  wanted.push(new StreamFeed("b"));
  link.update();
  assert.deepEqual(fake.subscribed, ["a"]);
  fake.say({ id: 1, connect: { client: "c", ping: 25, pong: true } });
  assert.deepEqual(fake.subscribed, ["a", "b"]);
  fake.say({ id: 2, subscribe: { epoch: "x", offset: 0 } });
  assert.deepEqual(told, ["started a"]);
  fake.say({ id: 3, subscribe: { epoch: "x", offset: 0 } });
  assert.deepEqual(told, ["started a", "started b", "up"]);
});

Deno.test("client: a channel left and taken again keeps its WebSocket, whatever is still on its way", async () => {
  const { sockets, last, WebSocket } = fakeSockets();
  const client = connect("http://shop.example/", {
    transports: ["websocket"],
    environment: { WebSocket },
  });
  const first = client.channel("a").subscribe(() => {});
  client.channel("b").subscribe(() => {});
  await turn();
  const socket = last();
  socket.onopen();
  for (const { id, connect } of socket.commands) {
    socket.say({ id, ...(connect ? { connect: { ping: 25 } } : { subscribe: at(20) }) });
  }
  first.unsubscribe();
  const heard: unknown[] = [];
  client.channel("a").subscribe(({ data }) => heard.push(data), { since: at(5) });
  // Of the subscription that was left: far ahead of where the new one goes on.
  socket.say({ push: { channel: "a", pub: { data: 21, offset: 21 } } });
  const { id } = socket.commands.findLast(({ subscribe }) => subscribe !== undefined) ?? {};
  const publications = [{ data: 6, offset: 6 }];
  const recovered = { ...at(6), recovered: true, was_recovering: true, publications };
  socket.say({ id, subscribe: recovered });
  assert.deepEqual(heard, [6]);
  assert.deepEqual(client.status.value.name, "online");
  assert.deepEqual([sockets.length, socket.subscribed], [1, ["a", "b", "a"]]);
  await client.close();
});
