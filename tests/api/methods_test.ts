/** What each method of the server API answers when it is asked well, or about what is not there. */
import assert from "node:assert/strict";
import { eventually } from "../support/clients/eventually.ts";
import { openWebSocket } from "../support/clients/websocket.ts";
import type { TestServer } from "../support/server.ts";
import { call, post, startWithRooms } from "./calls.ts";

interface Published {
  readonly offset?: number;
  readonly epoch?: string;
}

const published = async (server: TestServer, body: object) =>
  (await call(server, "publish", body)).result as Published;

/** Presence is written after the reply to the subscriber. */
const present = (server: TestServer, channel: string, clients: number) =>
  eventually(async () => {
    const { result } = await call(server, "presence_stats", { channel });
    return (result as { num_clients: number }).num_clients === clients;
  }, `${clients} are present`);

Deno.test("server API: its methods", async (t) => {
  await using server = await startWithRooms();

  await t.step("publish gives the position, and a subscriber the data and tags", async () => {
    await using reader = await openWebSocket(server.url, { channels: ["public:a"] });
    const first = await published(server, {
      channel: "public:a",
      data: { x: "đ" },
      tags: { k: "v" },
    });
    assert.deepEqual(first, { offset: 1, epoch: reader.started.get("public:a")?.position?.epoch });
    assert.deepEqual((await reader.next()).data, { x: "đ" });
    const { result } = await call(server, "history", { channel: "public:a", limit: 1 });
    const [{ time, ...pub }] = (result as { publications: [Record<string, unknown>] }).publications;
    assert.deepEqual(pub, { data: { x: "đ" }, offset: 1, epoch: first.epoch, tags: { k: "v" } });
    assert.equal(typeof time, "number");
  });

  await t.step("publish without history gives no position", async () => {
    assert.deepEqual(await published(server, { channel: "bench:a", data: 1 }), {});
    const skipped = { channel: "public:skipped", data: 1, skip_history: true };
    assert.deepEqual(await published(server, skipped), {});
    const { result } = await call(server, "history", { channel: "public:skipped", limit: 9 });
    assert.deepEqual((result as { publications: unknown[] }).publications, []);
  });

  await t.step("publish with a key publishes once", async () => {
    const once = { channel: "public:once", data: 1, idempotency_key: "k1" };
    const first = await published(server, once);
    assert.deepEqual(await published(server, { ...once, data: 2 }), first);
    const together = await Promise.all(
      [1, 2, 3].map((data) =>
        published(server, { channel: "public:once", data, idempotency_key: "k2" })
      ),
    );
    assert.deepEqual(together.map(({ offset }) => offset), [2, 2, 2]);
  });

  await t.step("publishes one after the other get 1, 2, 3 …", async () => {
    for (const offset of [1, 2, 3]) {
      const at = await published(server, { channel: "public:order", data: offset });
      assert.equal(at.offset, offset);
    }
  });

  await t.step("broadcast answers for each channel, failures as well", async () => {
    const { result } = await call(server, "broadcast", {
      channels: ["public:b1", "none:x", "bench:b", "public:b1"],
      data: 7,
    });
    const [one, unknown, bench, again] = (result as { responses: unknown[] }).responses;
    const { offset, epoch } = (one as { result: Published }).result;
    assert.equal(offset, 1);
    assert.deepEqual(unknown, { error: { code: 102, message: "unknown channel" } });
    assert.deepEqual(bench, { result: {} });
    assert.deepEqual(again, { result: { offset: 2, epoch } });
  });

  await t.step("batch answers in order, failures as well", async () => {
    for (const parallel of [false, true]) {
      const channel = `public:batch-${parallel}`;
      const { replies } = await server.api("batch", {
        parallel,
        commands: [
          { publish: { channel, data: 1 } },
          { publish: { channel: "none:x", data: 2 } },
          { publish: { channel, data: 3 } },
          { presence_stats: { channel: "room:empty" } },
          { presence: { channel } },
          { broadcast: { channels: ["bench:x"], data: 4 } },
          { channels: { pattern: "none*" } },
          { disconnect: { user: "nobody-here" } },
        ],
      });
      const [first, failed, third, stats, presence, broadcast, active, ended] = replies as Record<
        string,
        Published & { code?: number }
      >[];
      assert.deepEqual([first?.["publish"]?.offset, third?.["publish"]?.offset], [1, 2]);
      assert.equal(failed?.["error"]?.code, 102);
      assert.deepEqual(stats, { presence_stats: { num_clients: 0, num_users: 0 } });
      assert.equal(presence?.["error"]?.code, 108);
      assert.deepEqual(broadcast, { broadcast: { responses: [{ result: {} }] } });
      assert.deepEqual(active, { channels: { channels: {} } });
      assert.deepEqual(ended, { disconnect: {} });
    }
  });

  await t.step("batch does a history after the publish before it", async () => {
    const channel = "public:batch-then-history";
    const commands = [
      { publish: { channel, data: 1 } },
      { history: { channel, limit: 5 } },
      { publish: { channel, data: 2 } },
    ];
    const { replies } = await server.api("batch", { commands });
    const [, { history }] = replies as [unknown, { history: { publications: unknown[] } }];
    assert.equal(history.publications.length, 1);
    assert.deepEqual(await server.api("batch", { commands: [] }), { replies: [] });
  });

  await t.step("history pages, in both directions", async () => {
    const channel = "public:pages";
    const commands = [1, 2, 3, 4, 5].map((data) => ({ publish: { channel, data } }));
    await server.api("batch", { commands });
    const pages: [object, number[]][] = [
      [{}, []],
      [{ limit: 2 }, [1, 2]],
      [{ limit: -1 }, [1, 2, 3, 4, 5]],
      [{ limit: 2, reverse: true }, [5, 4]],
      [{ limit: 9, since: { offset: 3 } }, [4, 5]],
      [{ limit: 1, since: { offset: 3 }, reverse: true }, [2]],
    ];
    for (const [query, expected] of pages) {
      const { result } = await call(server, "history", { channel, ...query });
      const { publications, offset, epoch } = result as {
        publications: { data: number }[];
        offset: number;
        epoch: string;
      };
      assert.deepEqual(publications.map(({ data }) => data), expected, JSON.stringify(query));
      assert.equal(offset, 5);
      assert.match(epoch, /^[a-z0-9]+$/);
    }
  });

  await t.step("presence, channels and info tell who is there", async () => {
    const token = await server.token("mai", { name: "Mai" });
    await using reader = await openWebSocket(server.url, {
      channels: ["room:p", "public:p"],
      token,
    });
    await using _other = await openWebSocket(server.url, { channels: ["room:p"] });
    await present(server, "room:p", 2);
    const { result } = await call(server, "presence", { channel: "room:p" });
    const { presence } = result as { presence: Record<string, unknown> };
    assert.equal(Object.keys(presence).length, 2);
    const mai = Object.entries(presence).find(([, info]) =>
      (info as { user: string }).user === "mai"
    );
    assert.deepEqual(mai?.[1], { user: "mai", client: mai?.[0], conn_info: { name: "Mai" } });
    const stats = await call(server, "presence_stats", { channel: "room:p" });
    assert.deepEqual(stats.result, { num_clients: 2, num_users: 2 });
    const patterns: [string, Record<string, number>][] = [
      ["", { "room:p": 2, "public:p": 1 }],
      ["room:*", { "room:p": 2 }],
      ["*:?", { "room:p": 2, "public:p": 1 }],
      ["room:", {}],
      ["r.*", {}],
      ["[a-z]*", {}],
    ];
    for (const [pattern, expected] of patterns) {
      const { result } = await call(server, "channels", { pattern });
      const counts = Object.entries(
        (result as { channels: Record<string, { num_clients: number }> }).channels,
      )
        .map(([channel, { num_clients }]) => [channel, num_clients]);
      assert.deepEqual(Object.fromEntries(counts), expected, pattern);
    }
    const info = (await call(server, "info", {})).result as { nodes: Record<string, unknown>[] };
    const { uid, name, version, uptime, ...counts } = info.nodes[0] ?? {};
    assert.deepEqual(counts, { num_clients: 2, num_users: 2, num_subs: 3, num_channels: 2 });
    assert.equal(uid, reader.node);
    assert.match(`${name} ${version}`, /^nhip-\S+ \d+\.\d+\.\d+$/);
    assert.equal(typeof uptime, "number");
  });

  await t.step("disconnect ends a user's sessions, or one of them, with the code", async () => {
    const token = await server.token("bad");
    const open = () => openWebSocket(server.url, { channels: ["room:d"], token });
    await using first = await open();
    await present(server, "room:d", 1);
    const before = (await call(server, "presence", { channel: "room:d" })).result;
    const [client] = Object.keys((before as { presence: object }).presence);
    await using second = await open();
    await using bystander = await openWebSocket(server.url, {
      channels: ["room:d"],
      token: await server.token("good"),
    });
    const disconnect = { code: 4001, reason: "bị khoá" };
    assert.deepEqual(
      (await call(server, "disconnect", { user: "bad", client, disconnect })).result,
      {},
    );
    assert.deepEqual(await first.closed, disconnect);
    await call(server, "disconnect", { user: "bad" });
    assert.deepEqual(await second.closed, { code: 3503, reason: "force no reconnect" });
    await call(server, "publish", { channel: "room:d", data: "still here" });
    assert.equal((await bystander.next()).data, "still here");
  });

  await t.step("data of 64 KiB is taken, one byte more is 106", async () => {
    const text = (length: number) => `${"đ".repeat(length / 2 - 1)}`;
    const fits = { channel: "public:large", data: text(65_536) };
    assert.equal((await published(server, fits)).offset, 1);
    const larger = { ...fits, data: `${fits.data}x` };
    assert.deepEqual(await call(server, "publish", larger), { code: 106 });
    assert.equal((await post(server, "/api/publish", JSON.stringify(larger))).status, 200);
  });
});
