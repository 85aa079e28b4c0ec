/** Values that a back end publishes, besides those that it is asked for. */
import assert from "node:assert/strict";
import { methodsOf } from "../../lib/api/methods.ts";
import { pollWorld, seen, sign, subscribe, subscribed, track, type World } from "./support.ts";

function publish({ node }: World, request: object): Promise<string> {
  const method = methodsOf(node).get("shared_poll_publish");
  if (method === undefined) throw new Error("no such method");
  return method.prepare(request)();
}

Deno.test("publish: who follows the key has it at once, and once", async () => {
  await using world = pollWorld({ publishEnabled: true });
  world.backEnd.set("a", "polled");
  const client = await subscribed(world);
  await track(client, { a: 0 });
  await world.gathered();
  const news = { channel: "p:1", key: "a", data: "published", version: 5 };
  assert.equal(await publish(world, news), "{}");
  // Nodes may be asked again.
  assert.equal(await publish(world, news), "{}");
  await publish(world, { ...news, data: "late", version: 4 });
  await publish(world, { ...news, key: "nobody's" });
  await publish(world, { ...news, channel: "p:2" });
  assert.deepEqual(seen(client), ['a="polled"@1', 'a="published"@2']);
  // What is polled is the truth.
  await world.interval();
  assert.deepEqual(seen(client).slice(2), ['a="polled"@3']);
});

Deno.test("publish: an answer that was asked for before does not undo it", async () => {
  await using world = pollWorld({ publishEnabled: true });
  world.backEnd.set("a", "old");
  const client = await subscribed(world);
  await track(client, { a: 0 });
  await world.gathered();
  const answer = Promise.withResolvers<Response>();
  world.backEnd.failure = () => answer.promise;
  await world.interval();
  await publish(world, { channel: "p:1", key: "a", data: "new", version: 1 });
  answer.resolve(Response.json({ result: { items: [{ key: "a", data: "old" }] } }));
  world.backEnd.failure = null;
  world.backEnd.set("a", "new");
  await world.interval();
  assert.deepEqual(seen(client), ['a="old"@1', 'a="new"@2']);
});

Deno.test("publish: by the back end's versions and epoch, where it has some", async () => {
  await using world = pollWorld({ publishEnabled: true });
  const { backEnd } = world;
  backEnd.epoch = "E1";
  backEnd.set("a", "x", 5);
  const channel = "v:1";
  const client = await world.connect();
  const follow = async () => {
    await subscribe(client, channel);
    const batch = { signature: sign(["a"], { channel }), items: [{ key: "a" }] };
    await client.call("sub_refresh", { channel, type: 1, track: [batch] });
    await world.gathered();
  };
  await follow();
  await follow();
  const before = client.pushes.length;
  for (const version of [4, 5, 7, 6]) {
    await publish(world, { channel, key: "a", data: version, version, epoch: "E1" });
  }
  assert.deepEqual(seen(client), ['a="x"@5', "a=7@7"]);
  // Of another epoch: the back end is asked, and says so itself.
  backEnd.epoch = "E2";
  backEnd.set("a", "y", 1);
  await publish(world, { channel, key: "a", data: "y", version: 1, epoch: "E2" });
  await world.gathered();
  assert.equal(client.pushes[before + 1]?.unsubscribe?.code, 2500);
});

Deno.test("publish: refusals", async () => {
  await using world = pollWorld({ publishEnabled: true }, {});
  await using closed = pollWorld();
  const good = { channel: "p:1", key: "a", data: 1, version: 1 };
  await assert.rejects(publish(closed, good), { code: 108 });
  await assert.rejects(publish(world, { ...good, channel: "room:a" }), { code: 108 });
  await assert.rejects(publish(world, { ...good, channel: "unknown:a" }), { code: 102 });
  await assert.rejects(publish(world, { ...good, key: "" }), { code: 107 });
  await assert.rejects(publish(world, { ...good, data: "x".repeat(65_536) }), { code: 106 });
  for (
    const bad of [{ version: undefined }, { version: 0 }, { version: 1.5 }, { data: undefined }]
  ) {
    assert.throws(
      () => methodsOf(world.node).get("shared_poll_publish")?.prepare({ ...good, ...bad }),
      {
        code: 107,
      },
    );
  }
});
