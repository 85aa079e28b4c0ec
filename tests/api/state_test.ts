/** What the server API does with the keys of state channels, on each broker. */
import assert from "node:assert/strict";
import { eventually } from "../support/clients/eventually.ts";
import { rooms } from "../support/rooms.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { states } from "../support/states.ts";
import { call, post } from "./calls.ts";

interface Written {
  readonly offset: number;
  readonly epoch: string;
  readonly suppressed?: boolean;
  readonly suppress_reason?: string;
}

interface Entry {
  readonly key: string;
  readonly data: unknown;
  readonly offset: number;
  readonly time: number;
  readonly tags?: unknown;
  readonly score?: number;
}

interface Page {
  readonly entries: readonly Entry[];
  readonly offset: number;
  readonly epoch: string;
  readonly cursor?: string;
}

const start = (broker: string) =>
  startServer({
    channels: { namespaces: [...rooms.namespaces, ...states] },
    env: { BROKER_URL: broker },
  });
const of = async <Result>(server: TestServer, method: string, body: object) => {
  const { result, code } = await call(server, method, body);
  assert.equal(code, undefined, `${method} ${JSON.stringify(body)}: ${code}`);
  return result as Result;
};
const publish = (server: TestServer, channel: string, key: string, data: unknown, more = {}) =>
  of<Written>(server, "map_publish", { channel, key, data, ...more });
const remove = (server: TestServer, channel: string, key: string, more = {}) =>
  of<Written>(server, "map_remove", { channel, key, ...more });
const read = (server: TestServer, channel: string, more = {}) =>
  of<Page>(server, "map_read_state", { channel, limit: -1, ...more });
const keys = (page: Page) => page.entries.map(({ key }) => key);

for (const broker of ["memory:", "edge:"]) {
  Deno.test(`server API: state channels on ${broker}`, async (t) => {
    await using server = await start(broker);

    await t.step("a key's latest is its state, and the stream has each", async () => {
      const first = await publish(server, "board:a", "k", { n: 1 }, { tags: { t: "1" } });
      const { epoch } = first;
      assert.deepEqual(first, { offset: 1, epoch });
      const second = await publish(server, "board:a", "k", { n: 2 }, {
        tags: { t: "2" },
        score: 7,
      });
      assert.deepEqual(second, { offset: 2, epoch });
      const page = await read(server, "board:a");
      const [{ time, ...entry }] = page.entries as [Entry];
      assert.deepEqual(entry, { key: "k", data: { n: 2 }, offset: 2, tags: { t: "2" }, score: 7 });
      assert.equal(typeof time, "number");
      assert.deepEqual([page.offset, page.epoch, page.cursor], [2, epoch, undefined]);
      assert.deepEqual(await remove(server, "board:a", "k"), { offset: 3, epoch });
      assert.deepEqual(await read(server, "board:a"), { entries: [], offset: 3, epoch });
      const stream = await of<{ publications: Entry[]; offset: number }>(
        server,
        "map_read_stream",
        { channel: "board:a", limit: -1 },
      );
      const seen = stream.publications.map(({ time: _, ...publication }) => publication);
      assert.deepEqual(seen, [
        { key: "k", data: { n: 1 }, offset: 1, epoch, tags: { t: "1" } },
        { key: "k", data: { n: 2 }, offset: 2, tags: { t: "2" } },
        { key: "k", removed: true, offset: 3, tags: { t: "2" } },
      ]);
      assert.equal(stream.offset, 3);
    });

    await t.step("what changes nothing says why", async () => {
      const why = async (written: Promise<Written>) => {
        const { suppressed, suppress_reason, offset } = await written;
        return [suppressed ?? false, suppress_reason ?? "", offset];
      };
      const write = (key: string, more: object) => why(publish(server, "board:why", key, 1, more));
      assert.deepEqual(await write("a", { key_mode: "if_exists" }), [true, "key_not_found", 0]);
      assert.deepEqual(await write("a", { key_mode: "if_new" }), [false, "", 1]);
      assert.deepEqual(await write("a", { key_mode: "if_new" }), [true, "key_exists", 1]);
      assert.deepEqual(await write("a", { key_mode: "if_exists" }), [false, "", 2]);
      assert.deepEqual(await write("v", { version: 5 }), [false, "", 3]);
      assert.deepEqual(await write("v", { version: 5 }), [true, "version", 3]);
      assert.deepEqual(await write("v", { version: 4 }), [true, "version", 3]);
      assert.deepEqual(await write("v", { version: 6 }), [false, "", 4]);
      assert.deepEqual(await write("v", { version: 1, version_epoch: "b" }), [false, "", 5]);
      assert.deepEqual(await write("v", { version: 0 }), [false, "", 6]);
      assert.deepEqual(await write("i", { idempotency_key: "once" }), [false, "", 7]);
      assert.deepEqual(await write("i", { idempotency_key: "once" }), [true, "idempotency", 7]);
      const removal = (key: string, more = {}) => why(remove(server, "board:why", key, more));
      assert.deepEqual(await removal("none"), [true, "key_not_found", 7]);
      assert.deepEqual(await removal("i", { idempotency_key: "twice" }), [false, "", 8]);
      assert.deepEqual(await removal("i", { idempotency_key: "twice" }), [true, "idempotency", 8]);
      assert.deepEqual(await removal("i"), [true, "key_not_found", 8]);
    });

    await t.step("state comes in pages that are exact at the first one's offset", async () => {
      const channel = "board:pages";
      const commands = ["d", "b", "a", "c", "e"].map((key) => ({
        map_publish: { channel, key, data: key },
      }));
      await server.api("batch", { commands });
      const first = await read(server, channel, { limit: 2 });
      assert.deepEqual(keys(first), ["a", "b"]);
      const { offset, epoch, cursor } = first;
      await publish(server, channel, "c", "changed");
      await publish(server, channel, "f", "new");
      const revision = { revision_offset: offset, revision_epoch: epoch };
      const second = await read(server, channel, { limit: 2, cursor, ...revision });
      assert.deepEqual(keys(second), ["d", "e"]);
      assert.deepEqual([second.offset, second.epoch, second.cursor], [5, epoch, undefined]);
      const since = { channel, since_offset: offset, since_epoch: epoch, limit: 10 };
      const { publications } = await of<{ publications: Entry[] }>(
        server,
        "map_read_stream",
        since,
      );
      assert.deepEqual(publications.map(({ key, data }) => [key, data]), [["c", "changed"], [
        "f",
        "new",
      ]]);
      const foreign = { channel, limit: 2, cursor: "no", ...revision };
      assert.deepEqual(await call(server, "map_read_state", foreign), { code: 107 });
      const bare = { channel, limit: 2, cursor };
      assert.deepEqual(await call(server, "map_read_state", bare), { code: 107 });
      const stale = { ...bare, revision_offset: offset, revision_epoch: "no" };
      assert.deepEqual(await call(server, "map_read_state", stale), { code: 112 });
      const another = { channel, limit: 2, revision_epoch: "no" };
      assert.deepEqual(await call(server, "map_read_state", another), { code: 112 });
    });

    await t.step("limit 0 gives the position alone, a key that key alone", async () => {
      const { offset, epoch } = await publish(server, "board:one", "a", 1);
      await publish(server, "board:one", "b", 2);
      assert.deepEqual(await read(server, "board:one", { limit: 0 }), {
        entries: [],
        offset: offset + 1,
        epoch,
      });
      const absent = await of<Page>(server, "map_read_state", { channel: "board:one" });
      assert.deepEqual(absent.entries, []);
      assert.deepEqual(keys(await read(server, "board:one", { key: "b" })), ["b"]);
      assert.deepEqual(keys(await read(server, "board:one", { key: "none" })), []);
    });

    await t.step(
      "a namespace ordered by score gives the highest first, or the lowest",
      async () => {
        const scores: [string, number | undefined][] = [["a", 5], ["b", -1.5], ["c", undefined]];
        for (const [key, score] of scores) await publish(server, "top:a", key, key, { score });
        assert.deepEqual(keys(await read(server, "top:a")), ["a", "c", "b"]);
        assert.deepEqual(keys(await read(server, "top:a", { asc: true })), ["b", "c", "a"]);
        const first = await read(server, "top:a", { limit: 1 });
        const revision = { revision_offset: first.offset, revision_epoch: first.epoch };
        const rest = await read(server, "top:a", { cursor: first.cursor, ...revision });
        assert.deepEqual(keys(rest), ["c", "b"]);
        const full = { channel: "top:a", key: "d", data: 1 };
        assert.deepEqual(await call(server, "map_publish", full), { code: 106 });
        await publish(server, "top:a", "c", "other");
      },
    );

    await t.step("stats counts keys, and clear begins anew", async () => {
      for (const key of ["a", "b"]) await publish(server, "board:clear", key, key);
      const stats = () => of<object>(server, "map_stats", { channel: "board:clear" });
      assert.deepEqual(await stats(), { num_keys: 2 });
      const { epoch } = await read(server, "board:clear");
      const cleared = await of<Written>(server, "map_clear", { channel: "board:clear" });
      assert.equal(cleared.offset, 0);
      assert.notEqual(cleared.epoch, epoch);
      assert.deepEqual(await stats(), { num_keys: 0 });
      assert.deepEqual(await read(server, "board:clear"), { entries: [], ...cleared });
      const again = await publish(server, "board:clear", "a", 1);
      assert.deepEqual(again, { offset: 1, epoch: cleared.epoch });
    });

    await t.step("a key whose time is over is no longer read", async () => {
      await publish(server, "soon:a", "k", 1);
      await eventually(
        async () => (await read(server, "soon:a")).entries.length === 0,
        "the key is gone",
      );
    });

    await t.step("the stream reads as history does", async () => {
      const channel = "board:stream";
      for (const n of [1, 2, 3]) await publish(server, channel, `k${n}`, n);
      const pages: [object, number[]][] = [
        [{}, []],
        [{ limit: 2 }, [1, 2]],
        [{ limit: -1 }, [1, 2, 3]],
        [{ limit: 1, reverse: true }, [3]],
        [{ limit: 9, since_offset: 1 }, [2, 3]],
        [{ limit: 9, since_offset: 3, reverse: true }, [2, 1]],
        [{ limit: 9, since_offset: 0, reverse: true }, [3, 2, 1]],
      ];
      for (const [query, expected] of pages) {
        const { publications } = await of<{ publications: Entry[] }>(
          server,
          "map_read_stream",
          { channel, ...query },
        );
        assert.deepEqual(publications.map(({ data }) => data), expected, JSON.stringify(query));
      }
      const another = { channel, limit: 9, since_offset: 1, since_epoch: "no" };
      assert.deepEqual(await call(server, "map_read_stream", another), { code: 112 });
    });

    await t.step("a batch writes in order, and reads what was written before it", async () => {
      const channel = "board:batch";
      const { replies } = await server.api("batch", {
        commands: [
          { map_publish: { channel, key: "a", data: 1 } },
          { publish: { channel: "room:a", data: 1 } },
          { map_remove: { channel, key: "a" } },
          { map_publish: { channel, key: "b", data: 2 } },
          { map_remove: { channel, key: "none" } },
          { map_publish: { channel: "room:a", key: "a", data: 1 } },
          { map_read_state: { channel, limit: 9 } },
          { map_stats: { channel } },
          { map_publish: { channel, key: "c", data: 3 } },
        ],
      });
      const [first, , removed, second, missing, plain, state, stats, last] = replies as Record<
        string,
        Written & Page & { code?: number }
      >[];
      const offsets = [first?.["map_publish"], removed?.["map_remove"], second?.["map_publish"]]
        .map((written) => written?.offset);
      assert.deepEqual(offsets, [1, 2, 3]);
      assert.equal(missing?.["map_remove"]?.suppress_reason, "key_not_found");
      assert.equal(plain?.["error"]?.code, 107);
      assert.deepEqual(state?.["map_read_state"]?.entries.map(({ key }) => key), ["b"]);
      assert.deepEqual(stats, { map_stats: { num_keys: 1 } });
      assert.equal(last?.["map_publish"]?.offset, 4);
    });

    await t.step("a client without a WebSocket writes keys, too", async () => {
      const send = async (commands: object[], token?: string) => {
        const body = commands.map((command) => JSON.stringify(command)).join("\n");
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
        const answer = await post(server, "/v1/commands", body, { "x-api-key": null, ...headers });
        const replies = Array.isArray(answer.body) ? answer.body : [answer.body];
        return replies.map(({ error }: { error?: { code: number } }) => error?.code ?? 0);
      };
      const write = { type: 1, key: "k", data: 1 };
      const codes = await send([
        { id: 1, publish: { channel: "board:c", ...write } },
        { id: 2, publish: { channel: "board:c", ...write, key: "l" } },
        { id: 3, publish: { channel: "board:c", type: 1, key: "k", removed: true } },
        { id: 4, publish: { channel: "board:c", data: 1 } },
        { id: 5, publish: { channel: "by-client:c", ...write } },
        { id: 6, publish: { channel: "by-user:c", ...write } },
        { id: 7, publish: { channel: "who:c", ...write } },
        { id: 8, publish: { channel: "room:c", ...write } },
        { id: 9, history: { channel: "board:c" } },
      ]);
      assert.deepEqual(codes, [0, 0, 0, 107, 108, 103, 103, 103, 108]);
      assert.deepEqual(keys(await read(server, "board:c")), ["l"]);
      const token = await server.token("mai");
      assert.deepEqual(
        await send([{ id: 1, publish: { channel: "by-user:c", ...write } }], token),
        [
          0,
        ],
      );
      assert.deepEqual(keys(await read(server, "by-user:c")), ["mai"]);
    });

    const write = { channel: "board:bad", key: "k", data: 1 };
    const refused: [string, string, object, number][] = [
      ["an empty key", "map_publish", { ...write, key: "" }, 107],
      ["a key of 256", "map_publish", { ...write, key: "k".repeat(256) }, 107],
      ["a key with a NUL", "map_publish", { ...write, key: "a\0" }, 107],
      ["a key that is not Unicode", "map_remove", { ...write, key: "\ud800" }, 107],
      ["data over 64 KiB", "map_publish", { ...write, data: "x".repeat(65_536) }, 106],
      ["a plain channel", "map_publish", { ...write, channel: "room:a" }, 107],
      ["a key of a plain channel", "map_remove", { ...write, channel: "room:a" }, 107],
      ["who is present", "map_publish", { ...write, channel: "who:a" }, 107],
      ["one who is present", "map_remove", { ...write, channel: "who:a" }, 107],
      ["all who are present", "map_clear", { channel: "who:a" }, 107],
      ["an unknown channel", "map_publish", { ...write, channel: "none:a" }, 102],
      ["a publish without a key", "publish", { channel: "board:bad", data: 1 }, 107],
      ["its history", "history", { channel: "board:bad" }, 108],
      ["the state of a plain channel", "map_read_state", { channel: "room:a" }, 107],
      ["the changes of a plain channel", "map_read_stream", { channel: "room:a" }, 107],
      ["the keys of a plain channel", "map_stats", { channel: "room:a" }, 107],
      ["the end of a plain channel", "map_clear", { channel: "room:a" }, 107],
      ["changes before the first", "map_read_stream", {
        channel: "board:bad",
        reverse: true,
        since_epoch: "x",
      }, 107],
    ];
    for (const [what, method, body, code] of refused) {
      await t.step(`${method} refuses ${what} with ${code}`, async () => {
        assert.deepEqual(await call(server, method, body), { code });
      });
    }

    await t.step("nothing of what was refused is there", async () => {
      assert.deepEqual((await read(server, "board:bad")).entries, []);
    });
  });
}
