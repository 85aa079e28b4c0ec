import assert from "node:assert/strict";
import { Hono, type MiddlewareHandler } from "hono";
import { limits } from "../../lib/store/context.ts";
import type { ChatMessage, ReadMark } from "../../lib/store/events.ts";
import { storeRoutes } from "../../routes/store.ts";
import { openTestStore, Recorder, refused, tempKv } from "./support.ts";

async function room() {
  const db = await tempKv();
  const recorder = new Recorder();
  const store = openTestStore(db.kv, recorder);
  return {
    recorder,
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await db[Symbol.asyncDispose]();
    },
  };
}

Deno.test("chat: what its author sends again is stored and told once", async () => {
  await using it = await room();
  const { recorder, store } = it;
  const sent = { room: "help", author: "An", text: "xin chào", sentAs: "c-1" };
  const first = await store.postMessage(sent);
  assert.equal(first.created, true);
  assert.equal(first.message.sentAs, "c-1");
  const again = await Promise.all([store.postMessage(sent), store.postMessage(sent)]);
  assert.deepEqual(again.map(({ created }) => created), [false, false]);
  assert.deepEqual(again.map(({ message }) => message), [first.message, first.message]);
  const refusal = await refused(store.postMessage({ ...sent, text: "tạm biệt" }));
  assert.deepEqual(refusal, { status: 409, message: 'message "c-1" exists with another text' });
  // Another author's, and another room's, are others.
  for (const other of [{ author: "Bo" }, { room: "sales" }]) {
    assert.equal((await store.postMessage({ ...sent, ...other })).created, true);
  }
  assert.equal((await store.listMessages("help", { limit: 9 })).items.length, 2);
  await recorder.until(() => recorder.published.length === 3);
});

Deno.test("chat: of the same message sent at once from two tabs one is stored", async () => {
  await using it = await room();
  const sent = { room: "help", author: "An", text: "xin chào", sentAs: "c-1" };
  const all = await Promise.all(Array.from({ length: 8 }, () => it.store.postMessage(sent)));
  assert.equal(all.filter(({ created }) => created).length, 1);
  assert.equal(new Set(all.map(({ message }) => message.id)).size, 1);
});

Deno.test("chat: a mark of what was read moves forward alone, and only to what there is", async () => {
  await using it = await room();
  const { recorder, store } = it;
  const post = async (text: string) =>
    (await store.postMessage({ room: "help", author: "An", text })).message.id;
  const ids = [await post("one"), await post("two")] as const;
  const read = (upTo: string) => store.markRead({ room: "help", user: "bo", upTo });
  assert.equal((await read(ids[1])).upTo, ids[1]);
  assert.equal((await read(ids[0])).upTo, ids[1]);
  assert.equal((await read(ids[1])).upTo, ids[1]);
  const beyond = await refused(read("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  assert.deepEqual(beyond, { status: 404, message: 'no message "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"' });
  await store.markRead({ room: "help", user: "an", upTo: ids[0] });
  const marks = await store.listReadMarks("help", 10);
  assert.deepEqual(marks.map(({ user, upTo }) => [user, upTo]), [["an", ids[0]], ["bo", ids[1]]]);
  assert.deepEqual(await store.listReadMarks("sales", 10), []);
  await recorder.until(() => recorder.published.length === 4);
  assert.deepEqual([...recorder.state("read:help").values()], marks.toReversed());
});

interface Answer {
  readonly status: number;
  readonly body: ChatMessage & ReadMark & { readonly detail: string; readonly read: ReadMark[] };
}

Deno.test("chat: the routes", async (t) => {
  await using it = await room();
  const open: MiddlewareHandler = (_, next) => next();
  const authorizeChat: MiddlewareHandler = async (c, next) => {
    const user = c.req.header("as");
    if (user !== undefined) c.set("user", user);
    if (c.req.header("role") !== undefined) c.set("role", c.req.header("role"));
    await next();
  };
  const deps = { store: it.store, authorize: open, authorizeWrite: open, authorizeChat };
  const app = new Hono().route("/store", storeRoutes(deps));
  const send = async (method: string, path: string, body?: unknown, headers = {}) => {
    const response = await app.request(`/store/chat/help/${path}`, {
      method,
      headers: { "content-type": "application/json", as: "an", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() } as Answer;
  };

  await t.step("a message that is repeated is answered as before", async () => {
    const sent = { id: "c-1", text: "xin chào" };
    const first = await send("POST", "messages", sent);
    assert.deepEqual([first.status, first.body.sentAs, first.body.author], [201, "c-1", "an"]);
    const again = await send("POST", "messages", sent);
    assert.deepEqual([again.status, again.body], [200, first.body]);
    assert.equal((await send("POST", "messages", { ...sent, text: "khác" })).status, 409);
  });

  await t.step("who is staff is said by the token, not by the message", async () => {
    const said = await send("POST", "messages", { text: "hi", isStaff: true });
    assert.equal(said.body.isStaff, undefined);
    const staff = await send("POST", "messages", { text: "hi" }, { role: "staff" });
    assert.equal(staff.body.isStaff, true);
  });

  await t.step("bad messages are refused", async () => {
    for (
      const [body, detail] of [
        [{ id: "../x", text: "hi" }, /^id: must begin with/],
        [{ id: "x".repeat(65), text: "hi" }, /^id:/],
        [{ text: "x".repeat(limits.messageLength + 1) }, /^text:/],
        [{ text: " \n " }, /^text:/],
        [{ text: "a\u0000b" }, /^text: must not contain control characters/],
        [{ text: "\ud800" }, /^text: is not well-formed/],
      ] as const
    ) {
      const refused = await send("POST", "messages", body);
      assert.equal(refused.status, 400);
      assert.match(refused.body.detail, detail);
    }
    const longest = { text: "ờ".repeat(limits.messageLength) };
    assert.equal((await send("POST", "messages", longest)).status, 201);
  });

  await t.step("marks", async () => {
    const { body: { id } } = await send("POST", "messages", { text: "hi" });
    const marked = await send("PUT", "read", { upTo: id }, { as: "bo" });
    assert.deepEqual([marked.status, marked.body.user, marked.body.upTo], [200, "bo", id]);
    assert.deepEqual((await send("GET", "read")).body.read, [marked.body]);
    assert.equal((await send("PUT", "read", { upTo: "x" })).status, 400);
    assert.equal((await send("PUT", "read", { upTo: "0".repeat(26) })).status, 404);
    const nobody = await app.request("/store/chat/help/read", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ upTo: id }),
    });
    assert.equal(nobody.status, 400);
    assert.match(await nobody.text(), /a token has to say who reads/);
  });
});

Deno.test("chat: an author, and a room, may be posted to so fast and no faster", async (t) => {
  await using it = await room();
  let now = 0;
  const open: MiddlewareHandler = (_, next) => next();
  const authorizeChat: MiddlewareHandler = async (c, next) => {
    if (c.req.header("as") !== undefined) c.set("user", c.req.header("as"));
    await next();
  };
  const routes = storeRoutes({
    store: it.store,
    authorize: open,
    authorizeWrite: open,
    authorizeChat,
    now: () => now,
  });
  let ids = 0;
  const post = async (as: string | null, room = "help") => {
    const response = await routes.request(`/chat/${room}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(as !== null && { as }) },
      body: JSON.stringify({ text: `${++ids}`, ...(as === null && { author: "desk" }) }),
    });
    const { detail = "" }: { detail?: string } = await response.json();
    return `${response.status} ${response.headers.get("retry-after") ?? ""} ${detail}`.trim();
  };
  const times = async (n: number, as: string | null, room?: string) => {
    const all: string[] = [];
    for (let i = 0; i < n; i++) all.push(await post(as, room));
    return all.filter((one) => one === "201").length;
  };
  const tooMany = "429 1 too many messages of this author; again in 1 s";

  await t.step("twenty at once and five a second, in all rooms together", async () => {
    assert.equal(await times(10, "an"), 10);
    assert.equal(await times(10, "an", "sales"), 10);
    assert.equal(await post("an"), tooMany);
    assert.equal(await post("an", "sales"), tooMany);
    assert.equal(await post("bo"), "201");
    now += 1_000;
    assert.equal(await times(7, "an"), 5);
    assert.equal(await post("an"), tooMany);
  });

  await t.step("of many authors together a room takes two hundred at once", async () => {
    now += 60_000;
    for (let i = 0; i < 10; i++) assert.equal(await times(20, `user ${i}`, "busy"), 20);
    const full = "429 1 too many messages in this room; again in 1 s";
    assert.equal(await post("somebody", "busy"), full);
    assert.equal(await post("somebody", "quiet"), "201");
    now += 20;
    assert.equal(await times(2, "else", "busy"), 1);
  });

  await t.step("a back end posts as much as it has to", async () => {
    assert.equal(await times(30, null, "busy"), 30);
  });

  await t.step("what is refused is stored nowhere", async () => {
    const { items } = await it.store.listMessages("sales", { limit: 1_000 });
    assert.equal(items.length, 10);
  });
});
