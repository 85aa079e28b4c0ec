/** The host of the connection that tabs share, with tabs and connections that are made up. */
import assert from "node:assert/strict";
import type { ToHost } from "../../lib/client/tabs/protocol.ts";
import { decodeToHost, decodeToTab } from "../../lib/client/tabs/protocol.ts";
import { sharingKey } from "../../lib/client/tabs/sharing_key.ts";
import { fakeHost, type FakeLink, type FakeTab, settled, wants } from "./tabs/fakes.ts";

const at = (offset: number) => ({ epoch: "e", offset });
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

function publish({ context }: FakeLink, from: number, to: number, channel = "a"): void {
  for (const n of range(from, to)) {
    context.published(channel, { data: { n }, offset: n, time: 1 });
  }
}

/** The offsets of all the tab was given. */
function offsets(tab: FakeTab): (number | undefined)[] {
  return tab.got.flatMap((one) => {
    if (one.kind === "started") return one.missed.map(({ offset }) => offset);
    return one.kind === "published" ? [one.publication.offset] : [];
  });
}

const starts = (tab: FakeTab) => tab.of("started").map(({ start }) => start);

Deno.test("host: one connection for all, each tab from its own position", async () => {
  await using fake = fakeHost();
  const [first, second, third] = [fake.tab("1"), fake.tab("2"), fake.tab("3")];
  await first.hello([wants("a", { position: at(10) })]);
  const link = fake.link();
  assert.deepEqual(link.wanted(), { a: at(10) });
  assert.deepEqual(first.of("started"), []);
  link.context.started("a", { position: at(10), recovered: true });
  link.context.up();
  publish(link, 11, 20);
  await settled();
  await second.hello([wants("a", { position: at(15) })]);
  await third.hello([wants("a")]);
  publish(link, 21, 22);
  assert.deepEqual(offsets(first), range(11, 22));
  assert.deepEqual(offsets(second), range(16, 22));
  assert.deepEqual(offsets(third), [21, 22]);
  assert.deepEqual(starts(second), [{ position: at(15), recovered: true }]);
  assert.deepEqual(starts(third), [{ position: at(20) }]);
  assert.equal(fake.links.length, 1);
  assert.equal(second.of("status").at(-1)?.status.name, "online");
});

Deno.test("host: what it no longer keeps is fetched for the tab that missed it", async () => {
  await using fake = fakeHost();
  const [first, late] = [fake.tab("1"), fake.tab("2")];
  await first.hello([wants("a", { position: at(0) })]);
  const link = fake.link();
  link.context.started("a", { position: at(0), recovered: true });
  link.context.up();
  await settled();
  publish(link, 1, 1_000);
  await late.hello([wants("a", { position: at(5) })]);
  assert.deepEqual(late.of("started"), []);
  const [, other] = fake.links;
  assert.ok(other !== undefined);
  assert.deepEqual(other.wanted(), { a: at(5) });
  other.context.started("a", { position: at(5), recovered: true });
  publish(other, 6, 500);
  publish(link, 1_001, 1_100);
  publish(other, 501, 800);
  await settled();
  assert.equal(other.isClosed, true);
  // What is kept has moved on meanwhile.
  const [, , again] = fake.links;
  assert.ok(again !== undefined);
  assert.deepEqual(again.wanted(), { a: at(700) });
  again.context.started("a", { position: at(700), recovered: true });
  publish(again, 701, 900);
  await settled();
  publish(link, 1_101, 1_110);
  assert.deepEqual(offsets(late), range(6, 1_110));
  assert.deepEqual(starts(late), [{ position: at(5), recovered: true }]);
  assert.deepEqual(offsets(first), range(1, 1_110));
});

Deno.test("host: a tab is told of a gap where what it missed is not to be had", async () => {
  await using fake = fakeHost();
  const [first, stale, lost] = [fake.tab("1"), fake.tab("2"), fake.tab("3")];
  await first.hello([wants("a")]);
  const link = fake.link();
  link.context.started("a", { position: at(50) });
  link.context.up();
  await settled();
  await stale.hello([wants("a", { position: { epoch: "before", offset: 60 } })]);
  assert.deepEqual(starts(stale), [{ position: at(50), recovered: false }]);
  await lost.hello([wants("a", { position: at(1) })]);
  const [, other] = fake.links;
  other?.context.started("a", { position: at(50), recovered: false });
  await settled();
  assert.deepEqual(starts(lost), [{ position: at(50), recovered: false }]);
  // And all of them where the connection has one.
  link.context.started("a", { position: { epoch: "after", offset: 3 }, recovered: false });
  for (const tab of [first, stale, lost]) {
    const position = { epoch: "after", offset: 3 };
    assert.deepEqual(starts(tab).at(-1), { position, recovered: false });
  }
});

Deno.test("host: a tab that comes to a state channel has all there is at once", async () => {
  await using fake = fakeHost();
  const [first, second, third] = [fake.tab("1"), fake.tab("2"), fake.tab("3")];
  const board = (id: number, offset?: number) => {
    return wants("b", { keyed: true, id, position: offset === undefined ? undefined : at(offset) });
  };
  await first.hello([board(1)]);
  const { context } = fake.link();
  context.started("b", { position: at(7), entries: [{ key: "x", data: 1 }] });
  context.up();
  context.published("b", { key: "y", data: 2, offset: 8, time: 1 });
  context.published("b", { key: "x", removed: true, offset: 9, time: 1 });
  await second.hello([board(1, 3)]);
  await third.hello([board(1, 9)]);
  assert.deepEqual(starts(first), [{ position: at(7), entries: [{ key: "x", data: 1 }] }]);
  assert.deepEqual(
    first.of("published").map(({ publication: { key, removed } }) => [key, removed]),
    [
      ["y", undefined],
      ["x", true],
    ],
  );
  assert.deepEqual(starts(second), [{ position: at(9), entries: [{ key: "y", data: 2 }] }]);
  assert.deepEqual(starts(third), [{ position: at(9), recovered: true }]);
  await fake.tab("4").hello([wants("b")]);
  assert.equal(fake.links.length, 1);
});

Deno.test("host: the server is left when the last tab has gone, however it went", async () => {
  await using fake = fakeHost();
  const [first, second] = [fake.tab("1"), fake.tab("2")];
  await first.hello([wants("a"), wants("b", { id: 2 })]);
  await second.hello([wants("a"), wants("c", { id: 2 })]);
  const link = fake.link();
  assert.deepEqual(Object.keys(link.wanted()), ["a", "b", "c"]);
  second.post({ kind: "wanted", wanted: [wants("a")] });
  assert.deepEqual(Object.keys(link.wanted()), ["a", "b"]);
  fake.lives.crash("1");
  assert.deepEqual(Object.keys(link.wanted()), ["a"]);
  second.post({ kind: "bye" });
  await settled();
  assert.equal(link.isClosed, true);
  // And it can begin again.
  await fake.tab("3").hello([wants("a")]);
  assert.equal(fake.link().isClosed, false);
});

Deno.test("host: a tab that does not take what it is sent is forgotten, the others are not", async () => {
  await using fake = fakeHost();
  const [slow, quick] = [fake.tab("1"), fake.tab("2")];
  await slow.hello([wants("a")]);
  await quick.hello([wants("a")]);
  const link = fake.link();
  link.context.started("a", { position: at(0) });
  link.context.up();
  await settled();
  for (const n of range(1, 50)) {
    publish(link, n * 100 - 99, n * 100);
    quick.post({ kind: "took", messages: 100 });
  }
  const taken = offsets(slow);
  assert.ok(taken.length < 2_001, `${taken.length} wait`);
  assert.equal(slow.got.at(-1)?.kind, "down");
  assert.deepEqual(offsets(quick), range(1, 5_000));
});

Deno.test("host: calls keep what names them, and each tab gets its own answers", async () => {
  await using fake = fakeHost();
  const [first, second] = [fake.tab("1"), fake.tab("2")];
  await first.hello([wants("a")]);
  await second.hello([wants("a")]);
  const link = fake.link();
  link.context.started("a", { position: at(0) });
  link.context.up();
  const call = { publish: { channel: "a", data: 1, idempotency_key: "k" } };
  first.post({ kind: "calls", lines: JSON.stringify({ id: 7, ...call }) });
  second.post({ kind: "calls", lines: '{"id":7,"rpc":{"method":"m"}}\nnonsense' });
  await settled();
  // The host's own client asks for the time, too.
  const [publishing, calling] = link.sent.map((line) => JSON.parse(line))
    .filter(({ rpc }) => rpc?.method !== "time");
  assert.deepEqual(publishing, { id: publishing.id, ...call });
  link.context.replied({ id: calling.id, error: { code: 104, message: "no such method" } });
  link.context.replied({ id: publishing.id, ...{ publish: {} } });
  await settled();
  assert.deepEqual(first.of("replied").map(({ line }) => JSON.parse(line)), [{
    id: 7,
    publish: {},
  }]);
  assert.deepEqual(second.of("replied").map(({ line }) => JSON.parse(line).id).toSorted(), [0, 7]);
});

Deno.test("host: one tab's calls leave room for the others", async () => {
  await using fake = fakeHost();
  const tab = fake.tab("1");
  await tab.hello([wants("a")]);
  const lines = range(1, 201).map((id) => `{"id":${id},"presence":{"channel":"a"}}`).join("\n");
  tab.post({ kind: "calls", lines });
  await settled();
  const [only, ...others] = tab.of("replied").map(({ line }) => JSON.parse(line));
  assert.deepEqual([only.id, only.error.temporary, others], [201, true, []]);
});

Deno.test("host: a new token is asked of a tab that can give one", async () => {
  await using fake = fakeHost();
  const [fixed, giving] = [fake.tab("1"), fake.tab("2")];
  await giving.hello([wants("a")], "old");
  await fixed.hello([wants("a")], "old");
  assert.equal(fake.link().context.token, "old");
  const expire = async () => {
    fake.link().context.down({ kind: "refused", code: 109, reason: "expired" });
    await settled();
  };
  await expire();
  // Another tab has come since, which may have a newer one.
  assert.equal(fake.links.length, 2);
  await expire();
  fixed.post({ kind: "token", token: null });
  await settled();
  assert.equal(giving.of("token").length, 1);
  giving.post({ kind: "token", token: "new" });
  await settled();
  assert.equal(fake.link().context.token, "new");
});

Deno.test("host: a tab that gives no token, as one asleep, is asked last the next time", async () => {
  await using fake = fakeHost();
  const [awake, asleep] = [fake.tab("1"), fake.tab("2")];
  await awake.hello([wants("a")], "old");
  await asleep.hello([wants("a")], "old");
  const expire = async () => {
    fake.link().context.down({ kind: "refused", code: 109, reason: "expired" });
    await settled();
  };
  await expire();
  await expire();
  const asked = () => [awake, asleep].map((tab) => tab.of("token").length);
  assert.deepEqual(asked(), [0, 1]);
  asleep.post({ kind: "token", token: undefined });
  await settled();
  awake.post({ kind: "token", token: "new" });
  await settled();
  assert.equal(fake.link().context.token, "new");
  await expire();
  assert.deepEqual(asked(), [2, 1]);
});

Deno.test("host: who is not welcomed yet is not refused what it wants", async () => {
  await using fake = fakeHost();
  const tab = fake.tab("1");
  const greeting = tab.hello([wants("a")]);
  tab.post({ kind: "wanted", wanted: [wants("a"), wants("b", { id: 2 })] });
  await greeting;
  assert.deepEqual(tab.of("refused"), []);
  assert.equal(tab.of("welcome").length, 1);
});

Deno.test("host: what the server says to all is told to each tab", async () => {
  await using fake = fakeHost();
  const [first, second] = [fake.tab("1"), fake.tab("2")];
  await first.hello([wants("a"), wants("b", { id: 2 })]);
  await second.hello([wants("a", { id: 9 })]);
  const { context } = fake.link();
  const refusal = Object.assign(new Error("not allowed"), { code: 103 });
  context.refused("a", refusal);
  assert.deepEqual(first.of("refused").map(({ channel, id, error }) => [channel, id, error.code]), [
    ["a", 1, 103],
  ]);
  assert.deepEqual(second.of("refused").map(({ id }) => id), [9]);
  context.down({ kind: "refused", code: 3500, reason: "invalid token" });
  const why = { kind: "refused", code: 3500, reason: "invalid token", name: "closed" };
  for (const tab of [first, second]) assert.deepEqual(tab.of("down"), [{ kind: "down", why }]);
  // Whoever comes then tries for itself.
  await settled();
  await fake.tab("3").hello([wants("a")]);
  assert.equal(fake.link().isClosed, false);
});

Deno.test("host: what is no message is passed over, and strangers are sent away", async () => {
  await using fake = fakeHost();
  const tab = fake.tab("1");
  const odd: unknown[] = [null, 1, {}, { kind: "hello" }, { kind: "wanted", wanted: [{}] }];
  for (const message of odd) {
    assert.equal(decodeToHost(message), undefined);
    assert.equal(decodeToTab(message), undefined);
    tab.post(message as ToHost);
  }
  assert.equal(tab.got.length, 0);
  tab.post({ kind: "took", messages: 1 });
  assert.equal(tab.got.at(-1)?.kind, "down");
});

Deno.test("tabs share a connection when they may do the same on the same server", async () => {
  const setup = { url: "https://a.example/", options: {} };
  const token = (claims: object) => `e30.${btoa(JSON.stringify(claims)).replace(/=+$/, "")}.s`;
  const key = await sharingKey(setup, token({ sub: "ann", exp: 1 }));
  assert.match(key, /^nhip 1 [0-9a-f]{32}$/);
  assert.equal(await sharingKey(setup, token({ exp: 2, sub: "ann", iat: 1 })), key);
  const others = [
    sharingKey(setup, token({ sub: "bob", exp: 1 })),
    sharingKey(setup, token({ sub: "ann", exp: 1, info: 1 })),
    sharingKey({ ...setup, url: "https://b.example/" }, token({ sub: "ann" })),
    sharingKey({ ...setup, options: { maxRate: 1 } }, token({ sub: "ann" })),
    sharingKey(setup, "opaque"),
    sharingKey(setup, ""),
  ];
  const all = new Set([key, ...await Promise.all(others)]);
  assert.equal(all.size, others.length + 1);
});
