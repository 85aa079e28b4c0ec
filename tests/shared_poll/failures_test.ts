/** Back ends that fail, and connections that do not read. */
import assert from "node:assert/strict";
import { pollWorld, seen, subscribed, track } from "./support.ts";

const result = (items: unknown) => Response.json({ result: { items } });

const failures: [what: string, answer: () => Response, outcome: string, message: RegExp][] = [
  ["500", () => new Response("", { status: 500 }), "status", /^answered 500$/],
  ["401", () => new Response("", { status: 401 }), "status", /^answered 401$/],
  ["204", () => new Response(null, { status: 204 }), "status", /^answered 204$/],
  ["304", () => new Response(null, { status: 304 }), "unasked_304", /304/],
  [
    "a redirect",
    () => new Response(null, { status: 307, headers: { location: "/other" } }),
    "redirect",
    /^redirected a POST$/,
  ],
  ["HTML", () => new Response("<html>"), "not_json", /is not JSON: "<html>"$/],
  ["too much", () => new Response("x".repeat(100_001)), "too_large", /larger than 100000 bytes/],
  ["an error", () => Response.json({ error: { code: 5 } }), "refused", /says: \{"code":5\}$/],
  ["a list", () => Response.json([]), "shape", /^the answer is an array, not an object$/],
  ["nothing", () => Response.json({}), "shape", /neither result nor error/],
  ["items that are none", () => result({}), "shape", /result\.items is an object/],
  [
    "an item that is none",
    () => result([{ key: "a", data: 1 }, 2]),
    "shape",
    /items\[1\] is a num/,
  ],
  ["an item without key", () => result([{ data: 2 }]), "shape", /items\[0\] has no key/],
  ["an item without data", () => result([{ key: "a" }]), "shape", /items\[0\] has no data/],
  [
    "an epoch that is none",
    () => Response.json({ result: { epoch: 1 } }),
    "shape",
    /epoch is a number/,
  ],
  ["removed that is none", () => result([{ key: "a", removed: 1 }]), "shape", /removed is a numbe/],
];
for (const [what, answer, outcome, message] of failures) {
  Deno.test(`back end: ${what} leaves all as it is; then it goes on`, async () => {
    await using world = pollWorld();
    world.backEnd.set("a", 1);
    const client = await subscribed(world);
    await track(client, { a: 0 });
    await world.gathered();
    world.backEnd.failure = answer;
    await world.interval();
    assert.deepEqual(world.outcomes, ["changed", outcome]);
    assert.equal(world.told.length, 1);
    assert.match(world.told[0] ?? "", message);
    // Who comes now gets the last good value, and the back end is left in peace.
    const other = await subscribed(world);
    await track(other, { a: 0 });
    await world.gathered();
    assert.deepEqual([seen(client), seen(other)], [["a=1@1"], ["a=1@1"]]);
    assert.equal(world.backEnd.asked.all.length, 2);
    world.backEnd.failure = null;
    world.backEnd.set("a", 2);
    await world.clock.advance(2_000);
    assert.deepEqual([seen(client).at(-1), seen(other).at(-1)], ["a=2@2", "a=2@2"]);
    assert.equal(world.told[1], null);
    assert.deepEqual(world.errors, []);
  });
}

Deno.test("back end: while it fails it is asked less and less often", async () => {
  await using world = pollWorld();
  world.backEnd.failure = () => new Response("", { status: 503 });
  const client = await subscribed(world);
  await track(client, { a: 0 });
  const asked: number[] = [];
  for (let second = 0; second < 200; second++) {
    const before = world.backEnd.asked.all.length;
    await world.interval();
    if (world.backEnd.asked.all.length > before) asked.push(second);
  }
  assert.deepEqual(asked, [0, 2, 6, 14, 30, 60, 90, 120, 150, 180]);
  assert.equal(world.told.length, 1);
  // A key that nobody knew is there with the first answer.
  world.backEnd.failure = null;
  world.backEnd.set("a", 1);
  await world.clock.advance(30_000);
  assert.deepEqual(seen(client), ["a=1@1"]);
});

Deno.test("back end: one that does not answer in time", async () => {
  await using world = pollWorld({ timeoutMs: 500 });
  const never = Promise.withResolvers<Response>();
  world.backEnd.failure = () => never.promise;
  const client = await subscribed(world);
  await track(client, { a: 0 });
  await world.gathered();
  assert.deepEqual(world.outcomes, []);
  await world.clock.advance(500);
  assert.deepEqual(world.outcomes, ["timeout"]);
  assert.match(world.told[0] ?? "", /^no whole answer within 500 ms$/);
  never.resolve(new Response());
});

Deno.test("back end: what comes when nobody follows any more is dropped", async () => {
  await using world = pollWorld();
  const answer = Promise.withResolvers<Response>();
  world.backEnd.failure = () => answer.promise;
  const client = await subscribed(world);
  await track(client, { a: 0 });
  await world.gathered();
  await client.call("unsubscribe", { channel: "p:1" });
  await client.call("subscribe", { channel: "p:1", type: 4 });
  await track(client, { a: 0 });
  answer.resolve(result([{ key: "a", data: "for the first subscription" }]));
  world.backEnd.failure = null;
  world.backEnd.set("a", "for the second");
  await world.gathered();
  assert.deepEqual(seen(client), ['a="for the second"@1']);
});

Deno.test("back end: an item that is too large is left out, and told once; the others come", async () => {
  await using world = pollWorld();
  world.backEnd.set("a", "x".repeat(70_000));
  world.backEnd.set("b", 1);
  const client = await subscribed(world);
  await track(client, { a: 0, b: 0 });
  await world.gathered();
  world.backEnd.set("b", 2);
  await world.interval();
  assert.deepEqual(seen(client), ["b=1@1", "b=2@2"]);
  assert.deepEqual(world.outcomes, ["item_too_large", "item_too_large"]);
  assert.equal(world.told.length, 1);
  assert.match(world.told[0] ?? "", /items\[0\], key "a": data is larger than 65536 bytes/);
});

Deno.test("back end: a removal asked for before somebody came is not for them", async () => {
  await using world = pollWorld();
  world.backEnd.set("a", 1);
  const [first, second] = [await subscribed(world), await subscribed(world)];
  await track(first, { a: 0 });
  await world.gathered();
  const answer = Promise.withResolvers<Response>();
  world.backEnd.failure = () => answer.promise;
  await world.interval();
  await track(second, { a: 0 });
  world.backEnd.failure = null;
  world.backEnd.set("a", "made anew");
  answer.resolve(result([{ key: "a", removed: true }]));
  await world.gathered();
  assert.deepEqual(seen(second), ["a=1@1", 'a="made anew"@2']);
});

Deno.test("slow connection: it gets the latest of each key, once it reads", async () => {
  await using world = pollWorld();
  for (const key of ["a", "b", "c"]) world.backEnd.set(key, 0);
  const [slow, quick] = [await subscribed(world), await subscribed(world)];
  for (const client of [slow, quick]) await track(client, { a: 0, b: 0, c: 0 });
  await world.gathered();
  slow.transport.backlog = 128 * 1024 + 1;
  for (let n = 1; n <= 5; n++) {
    world.backEnd.set("a", n);
    if (n === 3) world.backEnd.set("b", n);
    if (n === 4) world.backEnd.removed.add("c");
    await world.interval();
  }
  assert.equal(seen(quick).length, 3 + 5 + 1 + 1);
  assert.equal(seen(slow).length, 3);
  slow.transport.backlog = 0;
  await slow.pushed(6);
  assert.deepEqual(seen(slow).slice(3), ["a=5@9", "b=3@7", "c removed"]);
  assert.equal(world.conflated(), 4);
});

Deno.test("slow connection: what it gave up meanwhile does not come", async () => {
  await using world = pollWorld();
  for (const key of ["a", "b"]) world.backEnd.set(key, 0);
  const slow = await subscribed(world);
  await track(slow, { a: 0, b: 0 });
  await world.gathered();
  slow.transport.backlog = 128 * 1024 + 1;
  for (const key of ["a", "b"]) world.backEnd.set(key, 1);
  await world.interval();
  await slow.call("sub_refresh", { channel: "p:1", type: 2, untrack: ["a"] });
  slow.transport.backlog = 0;
  await slow.pushed(3);
  assert.deepEqual(seen(slow).slice(2), ["b=1@4"]);
});
