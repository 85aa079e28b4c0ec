/** POST /v1/commands. */
import assert from "node:assert/strict";
import { openWebSocket } from "../support/clients/websocket.ts";
import { post, startWithRooms } from "./calls.ts";

interface Reply {
  readonly id: number;
  readonly error?: { readonly code: number };
  readonly publish?: unknown;
  readonly history?: { readonly publications: { data: unknown; info?: unknown }[] };
}

Deno.test("commands: upstream without a WebSocket", async (t) => {
  await using server = await startWithRooms();
  const token = await server.token("mai", { name: "Mai" });
  const bearer = { authorization: `Bearer ${token}` };
  const send = async (commands: readonly object[] | string, headers = {}) => {
    const body = typeof commands === "string"
      ? commands
      : commands.map((command) => JSON.stringify(command)).join("\n");
    const answer = await post(server, "/v1/commands", body, { "x-api-key": null, ...headers });
    const replies = (Array.isArray(answer.body) ? answer.body : [answer.body]) as Reply[];
    return { ...answer, replies };
  };

  await t.step("answers in the order of the commands, failures as well", async () => {
    const { status, type, replies } = await send([
      { id: 9, publish: { channel: "room:a", data: 1 } },
      { id: 1, publish: { channel: "room:a", data: 2 } },
      { id: 2, publish: { channel: "public:a", data: 2 } },
      { id: 3, history: { channel: "room:a", limit: 9 } },
      { id: 4, presence: { channel: "room:a" } },
      { id: 5, presence_stats: { channel: "room:a" } },
      { id: 6, rpc: { method: "time" } },
      { id: 7, subscribe: { channel: "room:a" } },
      { id: 8, connect: {} },
    ], bearer);
    assert.deepEqual([status, type], [200, "application/x-ndjson"]);
    assert.deepEqual(replies.map(({ id }) => id), [9, 1, 2, 3, 4, 5, 6, 7, 8]);
    const codes = replies.map(({ error }) => error?.code ?? 0);
    assert.deepEqual(codes, [0, 0, 103, 0, 0, 0, 0, 108, 108]);
    assert.deepEqual(replies[0], { id: 9, publish: {} });
    const publications = replies[3]?.history?.publications ?? [];
    assert.deepEqual(publications.map(({ data }) => data), [1, 2]);
    assert.deepEqual(publications[0]?.info, {
      user: "mai",
      client: "",
      conn_info: { name: "Mai" },
    });
  });

  await t.step(
    "one of another form is answered in its place, and the others are done",
    async () => {
      const { status, replies } = await send([
        { id: 1, publish: { channel: "room:u", data: 1 } },
        { id: 2, publish: { channel: "", data: 2 } },
        { id: 3, history: { channel: "room:u", limit: 1.5 } },
        { id: 4, dance: {} },
        { id: 5, history: { channel: "room:u", limit: 9 } },
      ], bearer);
      assert.equal(status, 200);
      assert.deepEqual(replies.map(({ error }) => error), [
        undefined,
        { code: 107, message: "bad request: channel is empty" },
        { code: 107, message: "bad request: limit is not a whole number" },
        { code: 107, message: "bad request: unknown method" },
        undefined,
      ]);
      assert.deepEqual(replies[4]?.history?.publications.map(({ data }) => data), [1]);
    },
  );

  await t.step("publishes reach subscribers, in order, a key once", async () => {
    await using reader = await openWebSocket(server.url, { channels: ["room:b"] });
    const publish = (id: number, data: unknown, idempotency_key = "") => ({
      id,
      publish: { channel: "room:b", data, idempotency_key },
    });
    await send([publish(1, 1), publish(2, 2, "k"), publish(3, 3)]);
    const { replies } = await send([publish(1, "again", "k"), publish(2, 4)]);
    assert.deepEqual(replies, [{ id: 1, publish: {} }, { id: 2, publish: {} }]);
    const got = [];
    for (let n = 0; n < 4; n++) got.push((await reader.next()).data);
    assert.deepEqual(got, [1, 2, 3, 4]);
  });

  await t.step("an anonymous client has what anyone has", async () => {
    const { replies } = await send([
      { id: 1, publish: { channel: "room:c", data: 1 } },
      { id: 2, history: { channel: "chat:a" } },
    ]);
    assert.deepEqual(replies.map(({ error }) => error?.code), [undefined, 103]);
  });

  await t.step("a token in the query serves as well", async () => {
    const body = '{"id":1,"publish":{"channel":"room:q","data":1}}';
    assert.equal((await post(server, `/v1/commands?token=${token}`, body)).status, 200);
    assert.equal((await post(server, "/v1/commands?token=x", body)).status, 401);
  });

  const publish = '{"id":1,"publish":{"channel":"room:none","data":1}}';
  const bad: [string, string, number, object?][] = [
    ["nothing", "", 400],
    ["no JSON", "hello", 400],
    ["a pong", "{}", 400],
    ["a send", '{"send":{"data":1}}', 400],
    ["a good command and a bad one", `${publish}\n{"id":0,"rpc":{}}`, 400],
    ["a blank line", `${publish}\n\n${publish}`, 400],
    ["an empty channel without an id", '{"publish":{"channel":"","data":1}}', 400],
    ["more than 100", Array(101).fill(publish).join("\n"), 400],
    ["over 64 KiB", `{"id":1,"rpc":{"method":"time","data":"${"x".repeat(65_536)}"}}`, 413],
    ["a bad token", publish, 401, { authorization: "Bearer x" }],
  ];
  for (const [what, body, expected, headers] of bad) {
    await t.step(`refuses ${what} with ${expected}, and does nothing of it`, async () => {
      const { status, type } = await send(body, headers);
      assert.equal(status, expected);
      assert.match(type, /^application\/problem\+json/);
      const { replies } = await send([{ id: 1, history: { channel: "room:none", limit: 9 } }]);
      assert.deepEqual(replies[0]?.history?.publications, []);
    });
  }
});
