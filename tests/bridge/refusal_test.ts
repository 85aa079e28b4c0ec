import assert from "node:assert/strict";
import { startServer } from "../support/server.ts";

Deno.test("bridge: /v1/events tells a channel beyond maxLive to come again later", async () => {
  await using backEnd = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => Response.json([{ id: "a" }]),
  );
  const url = `http://127.0.0.1:${backEnd.addr.port}/stores/{id}`;
  const allow = { subscribe: "anyone" };
  const sources = [{ name: "stores", url, every: "1m", maxLive: 1, allow }];
  await using server = await startServer({ channels: { bridge: { sources } } });
  const ask = (id: number) => fetch(`${server.url}/v1/events?channels=bridge:stores:${id}`);
  assert.equal((await (await ask(1)).json()).channels["bridge:stores:1"].state[0].key, "a");
  const refused = await ask(2);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal((await refused.json()).code, 106);
});
