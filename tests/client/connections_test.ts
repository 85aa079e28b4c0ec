/** How the client finds a transport, keeps it and comes back: links that do as they are told. */
import assert from "node:assert/strict";
import type { ConnectOptions } from "../../lib/client/api.ts";
import { define } from "./define.ts";
import { at, fakes, lost, storage } from "./fakes.ts";

const expired = { kind: "refused", code: 109, reason: "token expired" } as const;

Deno.test("client: the next transport is tried beside one that takes more than hedgeMs", async () => {
  await using fake = fakes({ timing: { hedgeMs: 300 } });
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(299);
  assert.equal(fake.opened(), "websocket");
  await fake.pass(1);
  assert.equal(fake.opened(), "websocket sse");
  await fake.pass(300);
  assert.equal(fake.opened(), "websocket sse long_poll");
  fake.link("sse").up();
  assert.deepEqual(fake.statuses.at(-1), { name: "online", transport: "sse" });
  assert.deepEqual(fake.links.map(({ isClosed }) => isClosed), [false, false, true]);
  fake.link("websocket").up();
  assert.deepEqual(fake.statuses.at(-1), { name: "online", transport: "websocket" });
  assert.deepEqual(fake.links.map(({ isClosed }) => isClosed), [false, true, true]);
});

Deno.test("client: a transport that fails makes room for the next at once", async () => {
  await using fake = fakes();
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(0);
  fake.link("websocket").context.down(lost);
  await fake.pass(0);
  fake.link("sse").context.down(lost);
  await fake.pass(0);
  assert.equal(fake.opened(), "websocket sse long_poll");
  fake.link("long_poll").context.down(lost);
  assert.deepEqual(fake.statuses.at(-1), { name: "waiting", reason: "cut" });
});

/** How long it waits, each time nothing works. */
async function waits(random: number, times: number): Promise<number[]> {
  const transports = ["websocket"] as const;
  await using fake = fakes({ transports, environment: { random: () => random } });
  fake.client.channel("a").subscribe(() => {});
  const all: number[] = [];
  for (let i = 1; i <= times; i++) {
    await fake.pass(0);
    fake.links.at(-1)?.context.down(lost);
    const from = fake.time.now;
    while (fake.links.length === i) await fake.pass(1);
    all.push(fake.time.now - from);
  }
  return all;
}

Deno.test("client: it waits anywhere from nothing to a bound that doubles", async () => {
  const rounded = (all: number[]) => all.map((ms) => Math.round(ms / 10) * 10);
  assert.deepEqual(rounded(await waits(0.9999999, 7)), [
    ...[500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000],
  ]);
  assert.deepEqual(rounded(await waits(0.5, 3)), [250, 500, 1_000]);
  assert.ok((await waits(0, 5)).every((ms) => ms <= 1));
});

Deno.test("client: the server's Retry-After is kept, however long", async () => {
  for (const afterMs of [40_000, 10 * 365 * 24 * 3_600_000]) {
    await using fake = fakes({ environment: { random: () => 0 } });
    fake.client.channel("a").subscribe(() => {});
    await fake.pass(0);
    fake.link("websocket").context.down({ ...lost, afterMs });
    const most = Math.min(afterMs, 2 ** 31 - 1);
    await fake.pass(most - 1);
    assert.equal(fake.opened(), "websocket");
    await fake.pass(1);
    assert.equal(fake.opened(), "websocket websocket");
  }
});

Deno.test("client: the server's Retry-After is kept though all is left and wanted again at once", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  const subscription = fake.client.channel("a").subscribe(() => {});
  await fake.pass(0);
  fake.link("websocket").context.down({ ...lost, afterMs: 60_000 });
  subscription.unsubscribe();
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(59_999);
  assert.equal(fake.opened(), "websocket");
  await fake.pass(1_000);
  assert.equal(fake.opened(), "websocket websocket");
});

Deno.test("client: the last channel may be left and one be taken at once on the same connection", async () => {
  for (const next of ["a", "b"]) {
    await using fake = fakes({ transports: ["websocket"] });
    let subscription = fake.client.channel("a").subscribe(() => {});
    await fake.pass(0);
    const link = fake.link("websocket");
    link.up();
    // What is asked for meanwhile is not lost with it.
    const rpc = fake.client.rpc("x");
    for (let times = 0; times < 3; times++) {
      subscription.unsubscribe();
      subscription = fake.client.channel(next).subscribe(() => {});
    }
    await fake.pass(0);
    assert.deepEqual([fake.opened(), link.isClosed], ["websocket", false]);
    assert.deepEqual(link.context.wanted().map(({ channel }) => channel), [next]);
    link.answer();
    await rpc;
    subscription.unsubscribe();
    await fake.pass(0);
    assert.equal(link.isClosed, true);
  }
});

Deno.test("client: links that were left leave nothing behind", async () => {
  const results: unknown[] = [];
  const all = Promise.all.bind(Promise);
  const watched = (them: readonly unknown[]) => {
    results.push(...them);
    return all(them);
  };
  await using fake = fakes({ transports: ["websocket"] });
  {
    using _all = define(Promise, "all", watched);
    for (let times = 0; times < 3; times++) {
      const subscription = fake.client.channel("a").subscribe(() => {});
      await fake.pass(0);
      subscription.unsubscribe();
      await fake.pass(0);
    }
  }
  assert.equal(fake.links.filter(({ isClosed }) => isClosed).length, 3);
  // What is waited for grows with no link.
  assert.ok(results.length >= 3);
  assert.deepEqual(await all(results), results.map(() => undefined));
});

Deno.test("client: what the server refuses for good is not tried again", async () => {
  await using fake = fakes();
  const refused: number[] = [];
  const options = { onRefused: ({ code }: { code: number }) => refused.push(code) };
  const { ready } = fake.client.channel("a").subscribe(() => {}, options);
  await fake.pass(0);
  fake.link("websocket").context.down({ kind: "refused", code: 3501, reason: "bad request" });
  await assert.rejects(ready, { code: 3501, message: "bad request" });
  assert.deepEqual(refused, [3501]);
  assert.deepEqual(fake.statuses.at(-1), { name: "closed", code: 3501, reason: "bad request" });
  await fake.pass(3_600_000);
  assert.equal(fake.opened(), "websocket");
});

Deno.test("client: an expired token is renewed at once, for all who had the old one", async () => {
  let tokens = 0;
  await using fake = fakes({ token: () => `token ${++tokens}` });
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(1_000);
  const [socket, stream] = fake.links;
  assert.deepEqual([socket?.context.token, stream?.context.token], ["token 1", "token 1"]);
  socket?.context.down(expired);
  await fake.pass(0);
  stream?.context.down(expired);
  await fake.pass(0);
  assert.deepEqual(fake.links.map(({ context }) => context.token), [
    ...["token 1", "token 1", "token 2", "token 2"],
  ]);
  fake.link("websocket").up();
  await fake.pass(600_000);
  fake.link("websocket").context.down(expired);
  await fake.pass(0);
  assert.equal(fake.link("websocket").context.token, "token 3");
});

Deno.test("client: three new tokens in a row may be refused, a fixed one may not", async () => {
  let tokens = 0;
  for (const token of ["fixed", () => `token ${++tokens}`]) {
    await using fake = fakes({ token, transports: ["websocket"] });
    fake.client.channel("a").subscribe(() => {});
    while (fake.client.status.value.name !== "closed") {
      await fake.pass(0);
      fake.links.at(-1)?.context.down(expired);
    }
    assert.equal(fake.links.length, typeof token === "string" ? 1 : 4);
  }
});

Deno.test("client: who gives tokens may throw, reject or hang, and is asked again", async () => {
  const never = new Promise<string>(() => {});
  const answers: (() => string | Promise<string>)[] = [
    () => {
      throw new Error("thrown");
    },
    () => Promise.reject(new Error("rejected")),
    () => never,
    () => "good",
  ];
  let asked = 0;
  const token = () => answers[asked++]?.() ?? "more";
  await using fake = fakes({ token, transports: ["websocket"] });
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(0);
  assert.deepEqual(fake.statuses.at(-1), { name: "waiting", reason: "Error: thrown" });
  await fake.pass(500);
  assert.deepEqual(fake.statuses.at(-1), { name: "waiting", reason: "Error: rejected" });
  await fake.pass(1_000 + 29_999);
  assert.deepEqual([asked, fake.statuses.at(-1)], [3, { name: "connecting" }]);
  await fake.pass(5_000);
  assert.equal(fake.link("websocket").context.token, "good");
});

Deno.test("client: it can be closed while it connects, and while it waits for a token", async () => {
  for (const token of ["", () => new Promise<string>(() => {})]) {
    await using fake = fakes({ token });
    const fetch = () => new Promise<Response>(() => {});
    await using publisher = fakes({ token, environment: { fetch } });
    fake.client.channel("a").subscribe(() => {});
    const published = token === "" ? undefined : publisher.client.channel("a").publish(1);
    await Promise.all([fake.pass(1_500), publisher.pass(1_500)]);
    await Promise.all([fake.client.close(), publisher.client.close()]);
    if (published) await assert.rejects(published, { code: 0, message: "closed" });
    assert.ok(fake.links.every(({ isClosed }) => isClosed));
    const { length } = fake.links;
    await fake.pass(600_000);
    assert.equal(fake.links.length, length);
  }
});

Deno.test("client: what worked is begun with the next time, for a day", async () => {
  const memory = storage();
  const open = async (begin: number): Promise<string> => {
    await using fake = fakes({ memory }, begin);
    fake.client.channel("a").subscribe(() => {});
    await fake.pass(0);
    const opened = fake.opened();
    fake.links[0]?.context.down(lost);
    await fake.pass(0);
    fake.links.at(-1)?.up();
    return opened;
  };
  const hour = 3_600_000;
  assert.equal(await open(0), "websocket");
  assert.deepEqual([...memory.held], [["nhip http://shop.example", "sse 0"]]);
  assert.equal(await open(23 * hour), "sse");
  assert.deepEqual([...memory.held.values()], [`long_poll ${23 * hour}`]);
  assert.equal(await open(47 * hour), "websocket");
});

Deno.test("client: a memory that throws, or holds nonsense, does no harm", async () => {
  const key = "nhip http://shop.example";
  const denied = () => {
    throw new Error("denied");
  };
  const memories: ConnectOptions["memory"][] = [
    { getItem: denied, setItem: denied },
    storage({ [key]: "smoke signals" }),
    storage({ [key]: "pigeon 1700000000000" }),
    storage({ [key]: "sse soon" }),
    null,
  ];
  for (const memory of memories) {
    await using fake = fakes({ ...memory !== undefined && { memory } });
    fake.client.channel("a").subscribe(() => {});
    await fake.pass(0);
    fake.link("websocket").up();
    assert.deepEqual(fake.statuses.at(-1), { name: "online", transport: "websocket" });
  }
});

Deno.test("client: a better transport is tried again, later each time, and taken", async () => {
  await using fake = fakes({ timing: { returnMs: 10_000 } });
  const heard: unknown[] = [];
  fake.client.channel("a").subscribe(({ data }) => heard.push(data));
  await fake.pass(0);
  fake.link("websocket").context.down(lost);
  await fake.pass(0);
  fake.link("sse").up();
  for (const waitMs of [10_000, 20_000, 40_000]) {
    const { length } = fake.links;
    await fake.pass(waitMs - 100);
    assert.equal(fake.links.length, length);
    await fake.pass(100);
    assert.equal(fake.links.length, length + 1);
    if (waitMs < 40_000) fake.link("websocket").context.down(lost);
  }
  fake.link("sse").publish("a", { offset: 1, data: 1 });
  assert.deepEqual(fake.link("websocket").context.wanted()[0]?.position, at(1));
  fake.link("websocket").up();
  assert.equal(fake.link("sse").isClosed, true);
  fake.link("sse").publish("a", { offset: 2, data: "late" });
  fake.link("websocket").publish("a", { offset: 2, data: 2 });
  assert.deepEqual(heard, [1, 2]);
});
