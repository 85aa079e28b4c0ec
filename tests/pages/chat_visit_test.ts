/** A visit of a room whose connections come and go, in a page's globals of the test's own. */
import assert from "node:assert/strict";
import { Chat } from "../../islands/chat/chat.ts";
import { RoomVisit } from "../../islands/chat/room_visit.ts";
import type { Visit } from "../../islands/visit.ts";
import type { ChatMessage } from "../../lib/store/events.ts";
import { define } from "../client/define.ts";
import { eventually } from "../support/clients/eventually.ts";

const idOf = (n: number) => `${n}`.padStart(26, "0");
const message = (n: number, author = "bo"): ChatMessage => (
  { id: idOf(n), room: "help", author, text: `${n}`, at: n * 1_000 }
);
const token = `e30.${btoa(JSON.stringify({ sub: "an" }))}.x`;

/** The room's routes: what is posted comes after what others have written meanwhile. */
function openShop() {
  const messages: ChatMessage[] = [];
  let pages = 0;
  let refusals = 0;
  const answer = (address: string, { method, body }: RequestInit) => {
    const { pathname, searchParams } = new URL(address, "http://shop.example");
    if (pathname.endsWith("/read")) return Promise.resolve(Response.json({ read: [] }));
    if (method === "POST") {
      const { id: sentAs } = JSON.parse(`${body}`);
      messages.push({ ...message(messages.length + 1, "an"), sentAs });
      return Promise.resolve(Response.json(messages.at(-1)));
    }
    pages++;
    if (refusals > 0) {
      refusals--;
      return Promise.resolve(new Response(null, { status: 503 }));
    }
    const before = searchParams.get("before") ?? "Z";
    const older = messages.filter(({ id }) => id < before);
    const page = older.slice(-50).toReversed();
    return Promise.resolve(
      Response.json({ messages: page, next: older.length > 50 ? page.at(-1)?.id : null }),
    );
  };
  return {
    write: (count: number) => {
      for (let i = 0; i < count; i++) messages.push(message(messages.length + 1));
    },
    messages,
    /** So many times messages cannot be read. */
    fail: (times: number) => void (refusals = times),
    /** How often messages were read. */
    get pages() {
      return pages;
    },
    [Symbol.dispose]: define(globalThis, "fetch", answer)[Symbol.dispose],
  };
}

/** A client whose stream the test holds in its hand. */
function openClient() {
  let hear: (message: ChatMessage) => void = () => {};
  let gap = () => {};
  const subscription = { ready: Promise.resolve(), unsubscribe: () => {} };
  const channel = {
    subscribe(listener: (news: { data: ChatMessage }) => void, options: { onGap: () => void }) {
      hear = (data) => listener({ data });
      gap = options.onGap;
      return subscription;
    },
    presence: () => Promise.resolve({}),
  };
  const state = {
    subscribe: () => subscription,
    publish: () => Promise.resolve(),
    remove: () => Promise.resolve(),
  };
  const status = {
    value: { name: "connecting" },
    subscribe(listener: (status: { name: string }) => void) {
      listener(status.value);
      return () => {};
    },
  };
  const client = { channel: () => channel, state: () => state, status };
  const visit = { client, token, refused: () => {} } as unknown as Visit;
  return { visit, hear: (data: ChatMessage) => hear(data), gap: () => gap() };
}

Deno.test("chat: what one posts before the stream is back hides nothing that was missed", async () => {
  using _storage = define(globalThis, "localStorage", undefined);
  // Its timers would outlive the test.
  using _timeout = define(AbortSignal, "timeout", () => new AbortController().signal);
  using shop = openShop();
  shop.write(10);
  const chat = new Chat({
    language: "en",
    timeZone: "UTC",
    access: "granted",
    token,
    room: "help",
    asksName: "no",
    opening: { messages: shop.messages.toReversed(), next: null, read: [] },
  });
  const client = openClient();
  const visit = new RoomVisit(chat, client.visit);
  const shown = () => chat.conversation.messages.map(({ text }) => Number(text));
  await eventually(() => shop.pages === 1, "the first catching up");
  shop.write(1);
  client.hear(message(11));
  // Here the stream is lost.
  shop.write(80);
  visit.send("back again");
  await eventually(() => shown().includes(92), "the answer to what was sent");
  client.gap();
  await eventually(() => shown().length === 92, "all that was missed");
  assert.deepEqual(shown(), Array.from({ length: 92 }, (_, i) => i + 1));
  visit.close();
});

Deno.test("chat: a server that fails is asked again less and less often, until it answers", async () => {
  using _storage = define(globalThis, "localStorage", undefined);
  using _timeout = define(AbortSignal, "timeout", () => new AbortController().signal);
  using _random = define(Math, "random", () => 1);
  using shop = openShop();
  shop.write(3);
  shop.fail(6);
  const state = { language: "en", timeZone: "UTC", access: "granted", token } as const;
  const chat = new Chat({ ...state, room: "help", asksName: "no", opening: null });
  const waits: number[] = [];
  const visit = await (async () => {
    using _timers = define(globalThis, "setTimeout", (job: () => void, ms: number) => {
      waits.push(ms);
      queueMicrotask(job);
      return 0;
    });
    const visit = new RoomVisit(chat, openClient().visit);
    while (!chat.isKnown.value) await new Promise<void>((resolve) => queueMicrotask(resolve));
    return visit;
  })();
  assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  assert.equal(chat.conversation.messages.length, 3);
  visit.close();
});
