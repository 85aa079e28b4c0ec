/** What `GET /v1/events` refuses a request of several channels for. */
import assert from "node:assert/strict";
import { rooms } from "../support/rooms.ts";
import { startServer } from "../support/server.ts";
import { states } from "../support/states.ts";

Deno.test("events: a refusal names the one channel at fault, and the others can be had", async (t) => {
  await using backEnd = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => Response.json([{ id: "a" }]),
  );
  const url = `http://127.0.0.1:${backEnd.addr.port}`;
  const allow = { subscribe: "anyone" };
  const source = { name: "stores", url: `${url}/{id}`, every: "1m", maxLive: 1, allow };
  const sharedPoll = { url, every: "1s", secret: "env:POLL_SECRET" };
  const namespaces = [...rooms.namespaces, ...states, { name: "poll", sharedPoll, allow }];
  await using server = await startServer({
    channels: { namespaces, bridge: { sources: [source] } },
    env: { POLL_SECRET: "a secret of the polls that is long enough" },
  });
  const ask = async (channels: readonly string[], more: string, accept: string) => {
    const list = channels.map((one) => encodeURIComponent(encodeURIComponent(one))).join(",");
    const response = await fetch(`${server.url}/v1/events?channels=${list}${more}`, {
      headers: { accept },
    });
    const streams = response.headers.get("content-type")?.startsWith("text/event-stream");
    const body = streams
      ? await response.body?.cancel()
      : await response.json() as Record<string, unknown>;
    return { status: response.status, body: body ?? {} };
  };
  // The one that may be open.
  await using _ = await held(`${server.url}/v1/events?channels=bridge:stores:1`);

  const refusals: [string, string, string, number, string?][] = [
    ["an unknown namespace", "nowhere:a", "", 404],
    ["no namespace", "plain", "", 404],
    ["one that nobody may have", "orders:all", "", 403],
    ["a name that is too long", `public:${"x".repeat(249)}`, "", 400],
    ["an empty name", "", "", 400, "public:a"],
    ["a shared poll", "poll:a", "", 501],
    ["no filters there", "top:a", "&filter=a", 501, "board:b"],
    ["no maxRate there", "room:a", "&maxRate=1", 501, "board:b"],
    ["parameters that are wrong", "bridge:stores:a:b", "", 400],
    ["a source that is not there", "bridge:nothing", "", 404],
    ["more than the source may have open", "bridge:stores:2", "", 429],
  ];
  for (const [what, wrong, more, status, good = "public:a"] of refusals) {
    for (const accept of ["text/event-stream", "application/json"]) {
      await t.step(`${what}: ${status} (${accept})`, async () => {
        const refused = await ask([good, wrong, "board:a"], more, accept);
        assert.equal(refused.status, status);
        assert.equal(refused.body["channel"], wrong);
        assert.equal((await ask([good, "board:a"], more, accept)).status, 200);
      });
    }
  }

  const others: [string, string][] = [
    ["a bad cursor", "&cursor=x"],
    ["a bad since", "&since=x,"],
    ["a bad filter", "&filter=%3D"],
    ["a bad pace", "&ping=1"],
    ["a bad token", "&token=x"],
  ];
  for (const [what, more] of others) {
    await t.step(`${what} is no channel's fault`, async () => {
      const { status, body } = await ask(["board:a", "board:b"], more, "*/*");
      assert.ok(status === 400 || status === 401, `${status}`);
      assert.equal("channel" in body, false);
    });
  }
});

/** An event stream that stays open. */
async function held(url: string): Promise<AsyncDisposable> {
  const { body } = await fetch(url, { headers: { accept: "text/event-stream" } });
  const reader = body?.getReader();
  await reader?.read();
  return { [Symbol.asyncDispose]: async () => await reader?.cancel() };
}
