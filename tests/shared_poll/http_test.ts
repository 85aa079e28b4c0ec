/** The same over real connections to a back end. */
import assert from "node:assert/strict";
import { harness } from "../session/harness.ts";
import { BackEnd } from "./back_end.ts";
import { pollNamespace, seen, subscribed, track } from "./support.ts";

Deno.test("http: keys, a change, an outage, and the secret header of the namespace", async () => {
  await using backEnd = new BackEnd(true);
  backEnd.set("a", 1);
  const headers = [["authorization", "Bearer s3cret"]] as const;
  await using world = harness({
    namespaces: [pollNamespace("p", { url: backEnd.url, everyMs: 100, headers })],
  });
  const client = await subscribed(world);
  await track(client, { a: 0 });
  await client.pushed(1);
  assert.equal(backEnd.headers[0]?.get("authorization"), "Bearer s3cret");
  assert.equal(backEnd.headers[0]?.get("content-type"), "application/json");
  backEnd.set("a", 2);
  await client.pushed(2);
  backEnd.failure = () => new Response("", { status: 500 });
  const before = backEnd.asked.all.length;
  await backEnd.asked.count(before + 2);
  backEnd.set("a", 3);
  backEnd.failure = null;
  await client.pushed(3);
  assert.deepEqual(seen(client), ["a=1@1", "a=2@2", "a=3@3"]);
});

Deno.test("http: a connection that ends while the back end is asked leaves nothing behind", async () => {
  await using backEnd = new BackEnd(true);
  const answer = Promise.withResolvers<Response>();
  backEnd.failure = () => answer.promise;
  await using world = harness({ namespaces: [pollNamespace("p", { url: backEnd.url })] });
  const client = await subscribed(world);
  await track(client, { a: 0 });
  await backEnd.asked.count(1);
  client.transport.close({ code: 3000, reason: "" });
  await world.node.sharedPolls[Symbol.asyncDispose]();
  answer.resolve(new Response());
  assert.deepEqual(world.errors, []);
});
