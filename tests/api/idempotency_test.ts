/** Publishes sent again, by either way up: what a client does that has heard no answer. */
import assert from "node:assert/strict";
import { rooms } from "../support/rooms.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { states } from "../support/states.ts";
import { post } from "./calls.ts";

interface Reply {
  readonly id?: number;
  readonly error?: { readonly code: number };
}

type Way = "websocket" | "http";
type Publish = (...publishes: readonly object[]) => Promise<readonly Reply[]>;

const allow = { ...rooms.namespaces[0]?.allow, publish: "user" };
const namespaces = [
  ...rooms.namespaces,
  { name: "log", history: { size: 100, ttl: "1h" }, allow },
  { name: "once", allow },
  ...states,
];

/** One client; its publishes go in one frame or body. */
async function open(
  server: TestServer,
  way: Way,
  user: string,
): Promise<AsyncDisposable & { publish: Publish }> {
  const token = await server.token(user);
  const text = (publishes: readonly object[]) =>
    publishes.map((publish, i) => JSON.stringify({ id: i + 2, publish })).join("\n");
  if (way === "http") {
    return {
      async publish(...publishes) {
        const headers = { authorization: `Bearer ${token}`, "x-api-key": null };
        const { body } = await post(server, "/v1/commands", text(publishes), headers);
        return (Array.isArray(body) ? body : [body]) as Reply[];
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/connection/websocket`);
  const waiting = new Map<number, (reply: Reply) => void>();
  const reply = (id: number) => new Promise<Reply>((resolve) => waiting.set(id, resolve));
  socket.onmessage = ({ data }) => {
    for (const line of String(data).split("\n")) {
      const reply = JSON.parse(line) as Reply;
      waiting.get(reply.id ?? 0)?.(reply);
    }
  };
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.onopen = () => socket.send(JSON.stringify({ id: 1, connect: { token } }));
  await reply(1);
  return {
    async publish(...publishes) {
      const replies = publishes.map((_, i) => reply(i + 2));
      socket.send(text(publishes));
      return await Promise.all(replies);
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}

const ways = ["websocket", "http"] as const;
const pairs = ways.flatMap((one) => ways.map((two) => [one, two] as const));
let made = 0;

for (const broker of ["memory:", "edge:"]) {
  Deno.test(`idempotency: over both ways up (${broker})`, async (t) => {
    await using server = await startServer({
      channels: { namespaces },
      env: { BROKER_URL: broker },
    });
    /** What a stream holds, or the changes of a state channel. */
    const kept = async (channel: string) => {
      const keyed = channel.startsWith("board:");
      const method = keyed ? "map_read_stream" : "history";
      const { result } = await server.api(method, { channel, limit: 100 });
      const { publications } = result as { publications: Record<string, unknown>[] };
      return publications.map(({ data, removed }) => removed === true ? "removed" : data);
    };
    const codes = (replies: readonly Reply[]) => replies.map(({ error }) => error?.code ?? 0);

    for (const [one, two] of pairs) {
      await t.step(`${one}, then ${two}: publishes once`, async () => {
        await using first = await open(server, one, "u");
        await using second = await open(server, two, "u");
        const channel = `log:${++made}`;
        const once = { channel, data: 1, idempotency_key: "a" };
        assert.deepEqual(codes(await first.publish(once)), [0]);
        const again = await second.publish({ ...once, data: 2 }, { channel, data: 3 });
        assert.deepEqual(codes(again), [0, 0]);
        assert.deepEqual(await kept(channel), [1, 3]);
      });

      await t.step(`${one}, then ${two}: writes and removes a key once`, async () => {
        await using first = await open(server, one, "u");
        await using second = await open(server, two, "u");
        const entry = { channel: `board:${++made}`, type: 1, key: "k" };
        const put = { ...entry, data: 1, idempotency_key: "a" };
        const removal = { ...entry, removed: true, idempotency_key: "b" };
        await first.publish(put, removal);
        // Another's value, which a removal that came late must leave alone.
        await first.publish({ ...entry, data: 2 });
        assert.deepEqual(codes(await second.publish(removal, put)), [0, 0]);
        assert.deepEqual(await kept(entry.channel), [1, "removed", 2]);
      });

      await t.step(`${one} and ${two} at once: publishes once`, async () => {
        await using first = await open(server, one, "u");
        await using second = await open(server, two, "u");
        for (let round = 0; round < 5; round++) {
          const channel = `log:${++made}`;
          const entry = { channel: `board:${made}`, type: 1, key: "k", data: 1 };
          const idempotency_key = "a";
          const both = [
            { channel, data: 1, idempotency_key },
            { channel, data: 1, idempotency_key },
            { ...entry, idempotency_key },
            { ...entry, idempotency_key },
          ];
          const answers = await Promise.all([first.publish(...both), second.publish(...both)]);
          for (const replies of answers) assert.deepEqual(codes(replies), [0, 0, 0, 0]);
          assert.deepEqual(await kept(channel), [1]);
          assert.deepEqual(await kept(entry.channel), [1]);
        }
      });

      await t.step(`${one} and ${two}: a user's key is none of another's`, async () => {
        await using first = await open(server, one, "u");
        await using second = await open(server, two, "v");
        const channel = `log:${++made}`;
        const entry = { channel: `board:${made}`, type: 1, key: "k" };
        const idempotency_key = "a";
        for (const [n, client] of [first, second].entries()) {
          const replies = await client.publish(
            { channel, data: n, idempotency_key },
            { ...entry, data: n, idempotency_key },
          );
          assert.deepEqual(codes(replies), [0, 0]);
        }
        await server.api("publish", { channel, data: "back end", idempotency_key });
        assert.deepEqual(await kept(channel), [0, 1, "back end"]);
        assert.deepEqual(await kept(entry.channel), [0, 1]);
      });
    }

    await t.step("where nothing is kept, it is sent once all the same", async () => {
      const channel = "once:a";
      const stream = await fetch(`${server.url}/v1/events?channels=${channel}`, {
        headers: { accept: "text/event-stream", authorization: `Bearer ${await server.token()}` },
      });
      await using socket = await open(server, "websocket", "u");
      await using http = await open(server, "http", "u");
      const once = { channel, data: "once", idempotency_key: "a" };
      const answers = await Promise.all([socket.publish(once, once), http.publish(once, once)]);
      for (const replies of answers) assert.deepEqual(codes(replies), [0, 0]);
      await http.publish({ channel, data: "end" });
      let text = "";
      for await (const chunk of stream.body ?? []) {
        text += new TextDecoder().decode(chunk);
        if (text.includes('"end"')) break;
      }
      assert.equal(text.split('"once"').length - 1, 1);
    });
  });
}
