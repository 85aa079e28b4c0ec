/** What an operator may see and do, and who is none. */
import assert from "node:assert/strict";
import { signToken } from "../../lib/auth/tokens.ts";
import type { Overview } from "../../lib/inspect/overview.ts";
import { eventually } from "../support/clients/eventually.ts";
import { openOnEach } from "../support/clients/isolates.ts";
import { openWebSocket } from "../support/clients/websocket.ts";
import { apiKey, type TestServer, tokenSecret } from "../support/server.ts";
import { answerOf, call, startWithRooms } from "./calls.ts";

const key = { "x-api-key": apiKey };

async function get(
  server: TestServer,
  path: string,
  headers: Readonly<Record<string, string>> = key,
) {
  return await answerOf(await fetch(`${server.url}/inspect/api/${path}`, { headers }));
}

async function post(
  server: TestServer,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = key,
) {
  const response = await fetch(`${server.url}/inspect/api/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return await answerOf(response);
}

async function overview(server: TestServer, query = ""): Promise<Overview> {
  const { status, body } = await get(server, `overview?${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body as Overview;
}

async function bearer(role?: "staff" | "admin") {
  const token = await signToken(tokenSecret, { sub: "op", ...(role && { role }) });
  return { authorization: `Bearer ${token}` };
}

Deno.test("inspect: one isolate", async (t) => {
  await using server = await startWithRooms();
  const token = await server.token("mai");

  await t.step("it is for the API key and admins alone", async () => {
    const statuses = async (headers: Readonly<Record<string, string>>) => [
      (await get(server, "overview", headers)).status,
      (await get(server, "channel?channel=room:a", headers)).status,
      (await get(server, "tail?channel=room:a", headers)).status,
      (await post(server, "publish", { channel: "room:a", data: 1 }, headers)).status,
      (await post(server, "disconnect", { user: "mai" }, headers)).status,
    ];
    assert.deepEqual(await statuses({}), Array(5).fill(401));
    assert.deepEqual(await statuses({ "x-api-key": "wrong" }), Array(5).fill(401));
    assert.deepEqual(await statuses({ authorization: "Bearer no.to.ken" }), Array(5).fill(401));
    assert.deepEqual(await statuses(await bearer()), Array(5).fill(403));
    assert.deepEqual(await statuses(await bearer("staff")), Array(5).fill(403));
    assert.equal((await get(server, "overview", await bearer("admin"))).status, 200);
  });

  await t.step("bad input is refused and says why", async () => {
    const refused = async (answer: Promise<{ status: number; body: unknown }>, why: RegExp) => {
      const { status, body } = await answer;
      assert.equal(Math.floor(status / 100), 4, JSON.stringify(body));
      assert.match((body as { detail: string }).detail, why);
    };
    await refused(get(server, "overview?limit=1001"), /limit/);
    await refused(get(server, "overview?limit=x"), /limit/);
    await refused(get(server, "overview?session_order=secret"), /session_order/);
    await refused(get(server, "overview?channel_descending=maybe"), /channel_descending/);
    await refused(get(server, `overview?channels=${"x".repeat(256)}`), /channels/);
    await refused(get(server, "channel"), /channel/);
    await refused(get(server, "channel?channel=nowhere:a"), /unknown channel/);
    await refused(get(server, "tail?channel=nowhere:a"), /unknown channel/);
    await refused(post(server, "publish", "{"), /JSON/);
    await refused(post(server, "publish", { channel: "room:a" }), /data: is missing/);
    await refused(post(server, "publish", { channel: "", data: 1 }), /channel: is empty/);
    await refused(post(server, "publish", { channel: "room:a", key: "k", data: 1 }), /no state/);
    await refused(post(server, "publish", { channel: "board:a", data: 1 }), /needs a key/);
    await refused(post(server, "publish", { channel: "room:a", data: 1, tags: [1] }), /tags/);
    for (const body of [{}, { user: "" }, { client: "" }, { user: "a", client: "b" }]) {
      await refused(post(server, "disconnect", body), /either client or user|is empty/);
    }
  });

  await t.step("channels with rate, history, position and keys", async () => {
    await using client = await openWebSocket(server.url, { channels: ["room:a"], token });
    await call(server, "map_publish", { channel: "board:a", key: "k", data: 1 });
    await overview(server);
    for (let n = 1; n <= 30; n++) await call(server, "publish", { channel: "room:a", data: n });
    for (let n = 1; n <= 30; n++) assert.equal((await client.next()).data, n);
    const row = async () => (await overview(server, "channels=ROOM")).channels.rows[0];
    await eventually(async () => (await row())?.rate !== null, "there is a rate");
    const { channel, kind, subscribers, offset, epoch } = await row() ?? {};
    assert.deepEqual([channel, kind, subscribers, offset], ["room:a", "stream", 1, 30]);
    assert.match(epoch ?? "", /^\w{8}$/);
    const { body } = await get(server, "channel?channel=room:a");
    const { history, position } = body as { history: { kept: number }; position: unknown };
    assert.equal(history.kept, 30);
    assert.deepEqual(position, { epoch, offset: 30 });
    const board = (await get(server, "channel?channel=board:a")).body as { keys: number };
    assert.equal(board.keys, 1);
  });

  await t.step("sessions are filtered, ordered and cut", async () => {
    await using _first = await openWebSocket(server.url, { channels: ["room:a"], token });
    await using _second = await openWebSocket(server.url, {
      channels: ["room:a", "room:b"],
      token: await server.token("an"),
    });
    const users = ({ sessions }: Overview) => sessions.rows.map(({ user }) => user);
    assert.deepEqual(users(await overview(server)), ["an", "mai"]);
    assert.deepEqual(users(await overview(server, "session_descending=true")), ["mai", "an"]);
    assert.deepEqual(users(await overview(server, "sessions=room:b")), ["an"]);
    assert.deepEqual(users(await overview(server, "session_order=channels")), ["mai", "an"]);
    const cut = await overview(server, "limit=1");
    assert.deepEqual([users(cut), cut.sessions.total], [["an"], 2]);
    assert.deepEqual([cut.channels.rows.length, cut.channels.total], [1, 2]);
    const [row] = cut.sessions.rows;
    assert.deepEqual([row?.transport, row?.lag, row?.queue], ["websocket", 0, 0]);
    assert.deepEqual([row?.channels, row?.channelCount], [["room:a", "room:b"], 2]);
  });

  await t.step("the tail shows what is published, and its reader to nobody", async () => {
    const stop = new AbortController();
    const response = await fetch(`${server.url}/inspect/api/tail?channel=room:tail`, {
      headers: key,
      signal: stop.signal,
    });
    assert.equal(response.status, 200);
    assert.deepEqual((await call(server, "presence", { channel: "room:tail" })).result, {
      presence: {},
    });
    await post(server, "publish", { channel: "room:tail", data: "here", tags: { a: "b" } });
    let text = "";
    for await (
      const chunk of (response.body ?? new ReadableStream()).values({ preventCancel: true })
    ) {
      text += new TextDecoder().decode(chunk);
      if (text.includes("here")) break;
    }
    assert.match(text, /"pub":\{"data":"here",.*"tags":\{"a":"b"\}/);
    stop.abort();
  });

  await t.step("one session ends, or all of a user", async () => {
    const ended = async (body: unknown) => (await post(server, "disconnect", body)).body;
    await using one = await openWebSocket(server.url, { channels: ["room:a"], token });
    await using other = await openWebSocket(server.url, { channels: ["room:a"], token });
    await using nobody = await openWebSocket(server.url, { channels: [] });
    const rows = async () => (await overview(server)).sessions.rows;
    const anonymous = (await rows()).find(({ user }) => user === "");
    assert.deepEqual(await ended({ client: anonymous?.id }), { ended: 1 });
    assert.equal((await nobody.closed)?.code, 3503);
    assert.deepEqual(await ended({ client: anonymous?.id }), { ended: 0 });
    assert.deepEqual(await ended({ user: "mai" }), { ended: 2 });
    await Promise.all([one.closed, other.closed]);
    await eventually(async () => (await rows()).length === 0, "all are gone");
  });
});

Deno.test("inspect: the sessions of all isolates", async () => {
  const isolates = 2;
  await using server = await startWithRooms(isolates);
  await eventually(async () => (await overview(server)).nodes.length === isolates, "they know");
  await using everywhere = await openOnEach(server.url, isolates, {
    channels: ["room:a"],
    token: await server.token("mai"),
    wait: 50,
  });
  const { clients } = everywhere;
  const { nodes, sessions, channels } = await overview(server);
  assert.equal(sessions.rows.length, clients.length);
  assert.equal(sessions.total, clients.length);
  const count = (node: string) => sessions.rows.filter((row) => row.node === node).length;
  assert.deepEqual(
    nodes.map(({ id }) => count(id)),
    Array(isolates).fill(clients.length / isolates),
  );
  for (const { heapBytes, processBytes } of nodes) {
    assert.ok((heapBytes ?? 0) > 0 && (processBytes ?? 0) > (heapBytes ?? 0));
  }
  assert.deepEqual(
    channels.rows.map(({ channel, subscribers }) => [channel, subscribers]),
    [["room:a", clients.length]],
  );
  const { body } = await post(server, "disconnect", { user: "mai" });
  assert.ok((body as { ended: number }).ended >= clients.length - isolates);
});
