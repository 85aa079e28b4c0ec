/** Event streams that a proxy may hold back: when they are used, and when they are given up. */
import assert from "node:assert/strict";
import { openSse } from "../../lib/client/sse.ts";
import { VirtualTime } from "../support/virtual_time.ts";
import { turn } from "./fakes.ts";
import { lone } from "./lone_link.ts";

const subscribed = `event: subscribed\ndata: {"channels":{"a":{"epoch":"x","offset":0}}}\n\n`;
const probe = `event: probe\ndata: {"time":0}\n\n`;

/** An event stream that carries what the test says. */
function stream() {
  const time = new VirtualTime(0);
  const body = new TransformStream<Uint8Array, Uint8Array>();
  const writer = body.writable.getWriter();
  const headers = { "content-type": "text/event-stream" };
  const fetch = () => Promise.resolve(new Response(body.readable, { headers }));
  const told: string[] = [];
  let isBeside = false;
  const { context } = lone({ fetch }, {
    isBeside: () => isBeside,
    up: () => told.push("up"),
    down: (why) => told.push(why.reason),
  });
  const link = openSse(context);
  return {
    told,
    /** Another connection works from now on. */
    replaces: () => void (isBeside = true),
    async carry(...events: readonly string[]) {
      // What is cut off while it is written is of no interest.
      writer.write(new TextEncoder().encode(events.join(""))).catch(() => {});
      await turn();
    },
    async pass(ms: number) {
      for (const until = time.now + ms; time.step(until - time.now);) await turn();
    },
    async [Symbol.asyncDispose]() {
      await link.close();
      time[Symbol.dispose]();
    },
  };
}

Deno.test("client: the first event stream is used at once, and given up without its probe", async () => {
  await using sse = stream();
  await sse.carry(subscribed);
  assert.deepEqual(sse.told, ["up"]);
  await sse.pass(2_499);
  assert.deepEqual(sse.told, ["up"]);
  await sse.pass(1);
  assert.deepEqual(sse.told, ["up", "held back"]);
});

Deno.test("client: an event stream whose probe is in time stays", async () => {
  await using sse = stream();
  await sse.carry(subscribed);
  await sse.pass(1_000);
  await sse.carry(probe);
  await sse.pass(10_000);
  assert.deepEqual(sse.told, ["up"]);
});

Deno.test("client: an event stream replaces a connection that works after its probe alone", async () => {
  await using sse = stream();
  sse.replaces();
  await sse.carry(subscribed);
  await sse.pass(1_000);
  assert.deepEqual(sse.told, []);
  await sse.carry(probe);
  assert.deepEqual(sse.told, ["up"]);
});

Deno.test("client: an event stream that was held back while another came up replaces nothing", async () => {
  await using sse = stream();
  await sse.pass(1_000);
  sse.replaces();
  await sse.pass(2_400);
  await sse.carry(subscribed, probe);
  assert.deepEqual(sse.told, ["held back"]);
});
