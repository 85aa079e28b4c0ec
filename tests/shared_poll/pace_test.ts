/** How often one who needs keys again and again has the back end asked. */
import assert from "node:assert/strict";
import { pollWorld, subscribed, track } from "./support.ts";

Deno.test("shared poll: a client that needs a key on and on has the back end asked ten times a second", async () => {
  await using world = pollWorld();
  world.backEnd.set("a", 1);
  const client = await subscribed(world);
  const needOnAndOn = async (ms: number) => {
    const before = world.backEnd.asked.all.length;
    for (let at = 0; at < ms; at += 5) {
      await track(client, { a: 0 });
      await world.gathered();
    }
    return world.backEnd.asked.all.length - before;
  };
  const first = await needOnAndOn(1_000);
  assert.ok(first >= 15 && first <= 25, `${first} requests`);
  const later = await needOnAndOn(2_000);
  assert.ok(later >= 15 && later <= 25, `${later} requests`);
});
