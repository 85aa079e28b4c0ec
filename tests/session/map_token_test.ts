/** A subscription token while the pages of a state are asked for. */
import assert from "node:assert/strict";
import { signToken } from "../../lib/auth/tokens.ts";
import { range } from "../broker/engine.ts";
import { harness } from "./harness.ts";
import { secret } from "./node.ts";

Deno.test("map: a token that is over gives no state from the beginning again", async () => {
  await using world = harness();
  const channel = "map:a";
  for (const i of range(1, 150)) await world.node.publisher.publishKey(channel, `k${i}`, i);
  const client = await world.connect("u");
  const first = {
    channel,
    type: 1,
    phase: 2,
    limit: 100,
    token: await signToken(secret, { sub: "u", channel }, "-1s"),
  };
  const valid = await signToken(secret, { sub: "u", channel }, "100s");
  const page = await client.call("subscribe", { ...first, token: valid });
  assert.equal(page.code, 0);
  assert.equal((await client.call("subscribe", first)).code, 109);
  const again = await client.call("subscribe", { ...first, token: valid });
  assert.equal(again.code, 0);
  const { cursor } = again.result;
  assert.equal((await client.call("subscribe", { ...first, token: valid, cursor })).code, 0);
});
