import assert from "node:assert/strict";
import { catchUp } from "../../islands/chat/catch_up.ts";
import { Conversation, type MessagePage, pageSize } from "../../islands/chat/conversation.ts";
import { isSameItem, type Item, itemsOf, type Shown } from "../../islands/chat/items.ts";
import type { ChatMessage } from "../../lib/store/events.ts";

const idOf = (n: number) => `${n}`.padStart(26, "0");
const message = (n: number, rest: Partial<ChatMessage> = {}): ChatMessage => (
  { id: idOf(n), room: "help", author: "an", text: `${n}`, at: n * 1_000, ...rest }
);
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
const textsOf = ({ messages }: Conversation) => messages.map(({ text }) => text).join(" ");

/** Answers as the server does, from all messages up to `to`. */
function server(to: number, size = pageSize) {
  const asked: (string | undefined)[] = [];
  const read = (before?: string): Promise<MessagePage> => {
    asked.push(before);
    const end = before === undefined ? to : Number(before) - 1;
    const start = Math.max(1, end - size + 1);
    const messages = range(start, end).toReversed();
    return Promise.resolve({ messages, next: start > 1 ? idOf(start) : null });
  };
  return { read, asked };
}

Deno.test("conversation: in the order of ids, each once, however they come", () => {
  const conversation = new Conversation();
  const fresh = conversation.add([message(3), message(1), message(3), message(2)]);
  assert.deepEqual(fresh.map(({ text }) => text), ["3", "1", "2"]);
  assert.deepEqual(conversation.add(range(2, 4)).map(({ text }) => text), ["4"]);
  assert.equal(textsOf(conversation), "1 2 3 4");
  assert.equal(conversation.newest, idOf(4));
});

Deno.test("conversation: older pages come before it, and what is not loaded leaves no hole", async () => {
  const { read } = server(120);
  const conversation = new Conversation();
  conversation.replace(await read());
  assert.deepEqual([conversation.messages.length, conversation.known.older], [50, "more"]);
  // It belongs to the part that is not loaded.
  assert.deepEqual(conversation.add([message(10)]), []);
  conversation.addOlder(await read(conversation.next ?? ""));
  conversation.addOlder(await read(conversation.next ?? ""));
  assert.deepEqual([conversation.messages.length, conversation.known.older], [120, "none"]);
  assert.equal(textsOf(conversation), range(1, 120).map(({ text }) => text).join(" "));
});

Deno.test("conversation: no more is held than help, and the rest can be asked for again", () => {
  const conversation = new Conversation({ most: 60 });
  conversation.add(range(1, 60));
  assert.equal(conversation.known.older, "none");
  conversation.add(range(61, 70));
  assert.deepEqual([conversation.messages.length, conversation.next], [60, idOf(11)]);
  assert.equal(conversation.known.older, "full");
});

Deno.test("conversation: marks move forward, and one's own says nothing of others", () => {
  const conversation = new Conversation();
  assert.equal(conversation.mark({ user: "bo", upTo: idOf(2) }), true);
  assert.equal(conversation.mark({ user: "bo", upTo: idOf(1) }), false);
  assert.equal(conversation.mark({ user: "an", upTo: idOf(9) }), true);
  assert.equal(conversation.readByOthers("an"), idOf(2));
  assert.equal(conversation.readByOthers("bo"), idOf(9));
  assert.deepEqual([conversation.readBy("bo"), conversation.readBy("chi")], [idOf(2), ""]);
});

Deno.test("catching up: as many pages as it takes to reach what is known", async () => {
  const conversation = new Conversation();
  conversation.add(range(1, 10));
  const { read, asked } = server(120);
  // It came by the stream, after what was missed.
  conversation.add([message(121)]);
  const fresh = await catchUp(conversation, idOf(10), read);
  assert.equal(textsOf(conversation), range(1, 121).map(({ text }) => text).join(" "));
  assert.deepEqual([fresh.length, asked.length], [110, 3]);
  assert.deepEqual(fresh.at(0)?.text, "11");
});

Deno.test("catching up: after too much it begins anew, and keeps what came meanwhile", async () => {
  const conversation = new Conversation();
  conversation.add(range(1, 10));
  conversation.add([message(1_001)]);
  const { read, asked } = server(1_000);
  const fresh = await catchUp(conversation, idOf(10), read);
  assert.deepEqual([asked.length, fresh.length], [4, 200]);
  assert.deepEqual([conversation.messages.length, conversation.next], [201, idOf(801)]);
  assert.equal(conversation.newest, idOf(1_001));
});

Deno.test("catching up: a page that knows nothing takes the newest page; an empty room is one", async () => {
  const first = new Conversation();
  assert.equal((await catchUp(first, undefined, server(70).read)).length, 50);
  assert.equal(first.next, idOf(21));
  const empty = new Conversation();
  const nothing = () => Promise.resolve({ messages: [], next: null });
  assert.deepEqual(await catchUp(empty, undefined, nothing), []);
  assert.equal(empty.known.older, "none");
  // All that is known has been forgotten by the server.
  first.replace({ messages: [message(1)], next: null });
  await catchUp(first, idOf(1), nothing);
  assert.equal(textsOf(first), "1");
});

Deno.test("catching up: what fails changes nothing", async () => {
  const conversation = new Conversation();
  conversation.add(range(1, 3));
  await assert.rejects(catchUp(conversation, idOf(3), () => Promise.reject(new Error("503"))));
  assert.equal(textsOf(conversation), "1 2 3");
});

const shown = (rest: Partial<Shown>): Item[] =>
  itemsOf({
    messages: [],
    outgoing: [],
    me: { user: "an", isStaff: false },
    seenUpTo: "",
    dayOf: (at) => new Date(at).toISOString().slice(0, 10),
    ...rest,
  });
const waiting = (id: string, rest = {}) => ({ id, text: id, at: 0, failure: null, ...rest });
const deliveries = (items: Item[]) =>
  items.flatMap((item) => item.kind === "message" ? [`${item.key} ${item.delivery}`] : []);

Deno.test("items: a message of one's own goes from sending to stored to seen, and stays one", () => {
  const stored = message(5, { sentAs: "c-1" });
  const states = [
    shown({ outgoing: [waiting("c-1")] }),
    // Its event has come, and its answer has not.
    shown({ outgoing: [waiting("c-1")], messages: [stored] }),
    shown({ messages: [stored] }),
    shown({ messages: [stored], seenUpTo: idOf(4) }),
    shown({ messages: [stored], seenUpTo: idOf(5) }),
  ];
  assert.deepEqual(states.map(deliveries), [
    ["c-1 sending"],
    ["c-1 stored"],
    ["c-1 stored"],
    ["c-1 stored"],
    ["c-1 seen"],
  ]);
  assert.deepEqual(deliveries(shown({ outgoing: [waiting("c-1", { failure: 400 })] })), [
    "c-1 failed",
  ]);
});

Deno.test("items: another's message of the same name is another", () => {
  const items = shown({
    messages: [message(5, { author: "bo", sentAs: "c-1" })],
    outgoing: [waiting("c-1")],
  });
  assert.deepEqual(deliveries(items), [`${idOf(5)} null`, "c-1 sending"]);
});

Deno.test("items: groups by author and time, days apart", () => {
  const at = Date.UTC(2026, 10, 23, 23, 50);
  const minute = 60_000;
  const items = shown({
    messages: [
      message(1, { at }),
      message(2, { at: at + minute }),
      message(3, { at: at + 2 * minute, author: "bo" }),
      message(4, { at: at + 8 * minute, author: "bo" }),
      message(5, { at: at + 9 * minute, author: "bo", isStaff: true }),
      message(6, { at: at + 11 * minute, author: "bo", isStaff: true }),
    ],
    outgoing: [waiting("c-1", { at: at - 5 * minute })],
  });
  const drawn = items.map((item) =>
    item.kind === "day" ? "day" : `${item.author}${item.isFirst ? " first" : ""}`
  );
  assert.deepEqual(drawn, [
    "day",
    "an first",
    "an",
    "bo first",
    "bo first",
    "bo first",
    "day",
    "bo first",
    "an first",
  ]);
  // A clock that is behind does not bring yesterday back.
  assert.equal(items.at(-1)?.at, at + 11 * minute);
});

Deno.test("items: who has no name has written nothing", () => {
  const items = shown({ messages: [message(1, { author: "" })], me: { user: "", isStaff: false } });
  assert.deepEqual(deliveries(items), [`${idOf(1)} null`]);
});

Deno.test("items: what looks alike is known to", () => {
  const [a, b] = [shown({ messages: range(1, 2) }), shown({ messages: range(1, 2) })];
  assert.ok(a.every((item, i) => isSameItem(item, b[i] ?? item)));
  const seen = shown({ messages: range(1, 2), seenUpTo: idOf(1) });
  assert.deepEqual(a.map((item, i) => isSameItem(item, seen[i] ?? item)), [true, false, true]);
});
