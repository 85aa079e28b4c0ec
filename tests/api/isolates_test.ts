/** The server API where several isolates share the work. */
import assert from "node:assert/strict";
import { openOnEach } from "../support/clients/isolates.ts";
import { eventually } from "../support/clients/eventually.ts";
import { call, startWithRooms } from "./calls.ts";

Deno.test("server API: spans the isolates of a process", async (t) => {
  const isolates = 2;
  await using server = await startWithRooms(isolates);
  const token = await server.token("mai");
  await eventually(async () => {
    const { result } = await call(server, "info", {});
    return (result as { nodes: unknown[] }).nodes.length === isolates;
  }, "the isolates know each other");
  await using everywhere = await openOnEach(server.url, isolates, {
    channels: ["room:a"],
    token,
    wait: 50,
  });
  const { clients } = everywhere;

  await t.step("channels counts the subscribers of all", async () => {
    const { result } = await call(server, "channels", { pattern: "room:*" });
    assert.deepEqual(result, { channels: { "room:a": { num_clients: clients.length } } });
  });

  await t.step("presence lists the clients of all", async () => {
    // What one user asks of one isolate by long-poll is one client.
    const present = clients.length;
    const stats = async () => (await call(server, "presence_stats", { channel: "room:a" })).result;
    // Presence is written after the reply to the subscriber.
    await eventually(
      async () => (await stats() as { num_clients: number }).num_clients >= present,
      "all are present",
    );
    assert.deepEqual(await stats(), { num_clients: present, num_users: 1 });
  });

  await t.step("publish reaches all, whichever isolate took it", async () => {
    for (let n = 1; n <= 20; n++) await call(server, "publish", { channel: "room:a", data: n });
    for (const client of clients) {
      for (let n = 1; n <= 20; n++) assert.equal((await client.next()).data, n);
    }
  });

  await t.step("a key written by one isolate is read by each, in order", async () => {
    const channel = "board:isolates";
    for (let n = 1; n <= 20; n++) {
      const { result } = await call(server, "map_publish", { channel, key: `k${n % 3}`, data: n });
      assert.equal((result as { offset: number }).offset, n);
      const page = (await call(server, "map_read_state", { channel, limit: -1 })).result;
      const { entries, offset } = page as { entries: { data: number }[]; offset: number };
      assert.equal(offset, n);
      assert.ok(entries.some(({ data }) => data === n));
    }
  });

  await t.step("disconnect ends the sessions of all", async () => {
    const disconnect = { code: 4500, reason: "enough" };
    await call(server, "disconnect", { user: "mai", disconnect });
    for (const client of clients) {
      if (client.transport === "long_poll") continue;
      assert.deepEqual(await client.closed, disconnect);
    }
  });
});
