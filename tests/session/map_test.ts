import assert from "node:assert/strict";
import { range } from "../broker/engine.ts";
import type { Client, Pub, Reply } from "./client.ts";
import { harness } from "./harness.ts";

interface Entry extends Pub {
  readonly key: string;
  readonly removed?: true;
}

type World = ReturnType<typeof harness>;

/** Every page of a channel's state, as a client asks for them. */
async function pagesOf(client: Client, channel: string, limit = 100): Promise<Reply[]> {
  const pages: Reply[] = [];
  let cursor: unknown;
  do {
    const at = cursor === undefined ? {} : { cursor };
    const page = await client.call("subscribe", { channel, type: 1, phase: 2, limit, ...at });
    assert.equal(page.code, 0);
    pages.push(page);
    cursor = page.result["cursor"];
  } while (cursor !== undefined);
  return pages;
}

function entriesOf(pages: readonly Reply[]): Entry[] {
  return pages.flatMap(({ result }) => (result["state"] ?? []) as Entry[]);
}

function keyed(client: Client): Entry[] {
  return client.pubs as Entry[];
}

async function fill(world: World, channel: string, n: number): Promise<void> {
  for (const i of range(1, n)) await world.node.publisher.publishKey(channel, name(i), { i });
}

const name = (i: number) => `k${`${i}`.padStart(5, "0")}`;

Deno.test("map: an empty state is one page, and live", async () => {
  await using world = harness();
  const client = await world.connect();
  const { code, result } = await client.call("subscribe", { channel: "map:a", type: 1, phase: 2 });
  const { epoch, ...rest } = result;
  assert.deepEqual([code, rest], [0, { recoverable: true, positioned: true, type: 1 }]);
  await world.node.publisher.publishKey("map:a", "k", 1);
  const [push] = await client.pushed(1);
  const { time: _, ...pub } = push?.pub as Entry;
  assert.deepEqual(pub, { key: "k", data: 1, offset: 1, epoch });
});

Deno.test("map: pages of state, then what changed meanwhile, then live", async () => {
  await using world = harness();
  await fill(world, "map:a", 250);
  const client = await world.connect();
  const ask = (cursor?: unknown) =>
    client.call("subscribe", {
      channel: "map:a",
      type: 1,
      phase: 2,
      limit: 100,
      ...(cursor !== undefined && { cursor }),
    });
  const first = await ask();
  assert.deepEqual(
    [first.result["phase"], first.result["offset"], first.result["cursor"]],
    [2, 250, name(100)],
  );
  await world.node.publisher.publishKey("map:a", name(1), "changed");
  await world.node.publisher.removeKey("map:a", name(150));
  const second = await ask(first.result["cursor"]);
  const last = await ask(second.result["cursor"]);
  assert.deepEqual([last.result["phase"], last.result["offset"]], [undefined, 250]);
  const entries = entriesOf([first, second, last]);
  assert.deepEqual(entries.map(({ key }) => key), range(1, 250).map(name));
  await client.pushed(2);
  await world.node.publisher.publishKey("map:a", "new", 3);
  await client.pushed(3);
  assert.deepEqual(
    keyed(client).map(({ key, removed, offset }) => [key, removed, offset]),
    [[name(1), undefined, 251], [name(150), true, 252], ["new", undefined, 253]],
  );
});

Deno.test("map: the first page asked for again begins anew", async () => {
  await using world = harness();
  await fill(world, "map:a", 150);
  const client = await world.connect();
  const first = { channel: "map:a", type: 1, phase: 2, limit: 100 };
  await client.call("subscribe", first);
  const pages = await pagesOf(client, "map:a");
  assert.equal(entriesOf(pages).length, 150);
  await world.node.publisher.publishKey("map:a", "z", 1);
  assert.equal((await client.pushed(1)).length, 1);
  assert.equal((await client.call("subscribe", first)).code, 105);
});

const refused: [string, object, number][] = [
  ["a stream subscription to a state channel", { channel: "map:a" }, 103],
  ["a map subscription to a plain stream", { channel: "public:a", type: 1, phase: 2 }, 103],
  ["the wrong kind of map", { channel: "who:a", type: 1, phase: 2 }, 103],
  ["shared poll", { channel: "map:a", type: 4 }, 108],
  ["a stream phase without state", { channel: "map:a", type: 1, phase: 1, epoch: "e" }, 103],
  ["a cursor without its first page", { channel: "map:a", type: 1, phase: 2, cursor: "k" }, 103],
  ["live without a position", { channel: "map:a", type: 1 }, 112],
  ["recovery from no epoch", { channel: "map:a", type: 1, phase: 1, recover: true }, 112],
  ["recovery from another epoch", {
    channel: "map:a",
    type: 1,
    phase: 1,
    recover: true,
    epoch: "other",
    offset: 1,
  }, 112],
  ["maxRate where it is not allowed", {
    channel: "ranked:a",
    type: 1,
    phase: 2,
    data: { maxRate: 1 },
  }, 108],
  ["maxRate that is no rate", { channel: "map:a", type: 1, phase: 2, data: { maxRate: 0 } }, 107],
];
for (const [what, params, code] of refused) {
  Deno.test(`map: ${what}: ${code}`, async () => {
    await using world = harness();
    const client = await world.connect();
    assert.equal((await client.call("subscribe", params)).code, code);
    const again = await client.call("subscribe", { channel: "map:a", type: 1, phase: 2 });
    assert.equal(again.code, 0);
  });
}

Deno.test("map: the cursor of another page is 107, and ends the subscription", async () => {
  await using world = harness();
  await fill(world, "map:a", 150);
  const client = await world.connect();
  const ask = { channel: "map:a", type: 1, phase: 2, limit: 100 };
  await client.call("subscribe", ask);
  assert.equal((await client.call("subscribe", { ...ask, cursor: "foreign" })).code, 107);
  const pages = await pagesOf(client, "map:a");
  assert.equal(entriesOf(pages).length, 150);
});

Deno.test("map: recovery gives every change while they are few", async () => {
  await using world = harness();
  await fill(world, "map:a", 5);
  const client = await world.connect();
  const [page] = await pagesOf(client, "map:a");
  const { epoch } = page?.result ?? {};
  await client.call("unsubscribe", { channel: "map:a" });
  const other = await world.connect();
  await pagesOf(other, "map:a");
  for (const data of [1, 2, 3]) await world.node.publisher.publishKey("map:a", name(1), data);
  await world.node.publisher.removeKey("map:a", name(2));
  await other.pushed(4);
  const recover = { channel: "map:a", type: 1, phase: 1, recover: true, epoch, offset: 5 };
  const { code, result } = await client.call("subscribe", recover);
  assert.equal(code, 0);
  const { publications, ...rest } = result;
  assert.deepEqual(rest, {
    recoverable: true,
    positioned: true,
    epoch,
    offset: 9,
    type: 1,
    was_recovering: true,
    recovered: true,
  });
  assert.deepEqual(
    (publications as Entry[]).map(({ key, data, removed }) => [key, data, removed]),
    [1, 2, 3].map((n): unknown[] => [name(1), n, undefined]).concat([[
      name(2),
      undefined,
      true,
    ]]),
  );
});

Deno.test("map: recovery after many changes gives the latest of each key", async () => {
  await using world = harness();
  await fill(world, "map:a", 2);
  const client = await world.connect();
  const [page] = await pagesOf(client, "map:a");
  const { epoch } = page?.result ?? {};
  // The channel stays open, so that its state knows what was removed meanwhile.
  const other = await world.connect();
  await pagesOf(other, "map:a");
  await client.call("unsubscribe", { channel: "map:a" });
  await world.node.publisher.removeKey("map:a", name(2));
  for (const data of range(1, 500)) await world.node.publisher.publishKey("map:a", name(1), data);
  await other.pushed(501);
  const recover = { channel: "map:a", type: 1, phase: 1, recover: true, epoch, offset: 2 };
  const { result } = await client.call("subscribe", recover);
  assert.deepEqual(
    (result["publications"] as Entry[]).map(({ key, data, removed }) => [key, data, removed]),
    [[name(2), undefined, true], [name(1), 500, undefined]],
  );
  assert.equal(result["offset"], 503);
});

Deno.test("map: a slow client is given the latest of each key, the others everything", async () => {
  await using world = harness();
  const [slow, other] = [await world.connect(), await world.connect()];
  for (const client of [slow, other]) await pagesOf(client, "map:a");
  slow.transport.backlog = 500_000;
  for (const data of range(1, 50)) await world.node.publisher.publishKey("map:a", "k", data);
  await other.pushed(50);
  assert.equal(slow.pubs.length, 0);
  slow.transport.backlog = 0;
  await slow.pushed(1);
  await world.node.publisher.publishKey("map:a", "k", "live");
  await slow.pushed(2);
  assert.deepEqual(slow.pubs.map(({ data }) => data), [50, "live"]);
  assert.deepEqual(other.pubs.map(({ offset }) => offset), range(1, 51));
});

Deno.test("map: maxRate gives the latest of each key, so often a second", async () => {
  await using world = harness();
  const client = await world.connect();
  const ask = { channel: "map:a", type: 1, phase: 2, data: { maxRate: 20 } };
  assert.equal((await client.call("subscribe", ask)).code, 0);
  for (const data of range(1, 30)) {
    await Promise.all(["a", "b"].map((key) => world.node.publisher.publishKey("map:a", key, data)));
  }
  const last = () => keyed(client).filter(({ data }) => data === 30).length === 2;
  await client.transport.texts.until("the latest", last);
  assert.ok(client.pubs.length < 60, `${client.pubs.length} of 60`);
});

Deno.test("map: by score, and the client is told to gather its writes", async () => {
  await using world = harness();
  for (const [key, score] of [["a", 3], ["b", 1], ["c", 2]] as const) {
    await world.node.publisher.publishKey("ranked:a", key, score, { score });
  }
  const client = await world.connect();
  const [page] = await pagesOf(client, "ranked:a");
  assert.deepEqual(entriesOf(page ? [page] : []).map(({ key }) => key), ["b", "c", "a"]);
  assert.equal(page?.result["publish_debounce"], 100);
});

Deno.test("map: a key's client is gone with its subscription", async () => {
  await using world = harness();
  const [client, other] = [await world.connect(), await world.connect()];
  for (const one of [client, other]) await pagesOf(one, "mine:a");
  const publish = { channel: "mine:a", type: 1, key: "mine", data: "here" };
  assert.equal((await client.call("publish", publish)).code, 0);
  await client.call("unsubscribe", { channel: "mine:a" });
  await other.pushed(2);
  assert.deepEqual(keyed(other).map(({ key, removed }) => [key, removed]), [
    [client.session.id, undefined],
    [client.session.id, true],
  ]);
});

Deno.test("map: clients and users of a channel stand in channels of their own", async () => {
  await using world = harness();
  const watcher = await world.connect();
  for (const [channel, type] of [["who:hall:a", 2], ["people:hall:a", 3]] as const) {
    const { code } = await watcher.call("subscribe", { channel, type, phase: 2 });
    assert.equal(code, 0);
  }
  const [ann, nobody] = [await world.connect("ann"), await world.connect()];
  for (const one of [ann, nobody]) {
    assert.equal((await one.call("subscribe", { channel: "hall:a" })).code, 0);
  }
  await watcher.pushed(3);
  await ann.call("unsubscribe", { channel: "hall:a" });
  await watcher.pushed(4);
  const seen = watcher.pushes.map(({ channel, pub }) => {
    const { key, removed, info } = pub as Entry & { info?: { user?: string } };
    return [channel, key, removed ?? info?.user];
  });
  assert.deepEqual(
    seen.toSorted(),
    [
      ["people:hall:a", "ann", undefined],
      ["who:hall:a", ann.session.id, "ann"],
      ["who:hall:a", ann.session.id, true],
      ["who:hall:a", nobody.session.id, ""],
    ].toSorted(),
  );
});
