/** The smallest client as it is served: its own names are shortened, everybody else's are not. */
import assert from "node:assert/strict";
import type { Publication, Status } from "../../lib/client/api.ts";
import { clientFiles } from "../../tools/client/files.ts";
import { Happenings } from "../broker/waiting.ts";
import { publishAll } from "../support/clients/publish.ts";
import { startServer } from "../support/server.ts";
import { isEventStream, isUpgrade, startProxy } from "./proxy.ts";

type Streams = typeof import("../../lib/client/streams.ts");

async function load(): Promise<Streams> {
  const files = await clientFiles({ minify: true });
  const script = files.find(({ name }) => name === "client/streams.js");
  assert.ok(script !== undefined);
  return await import(`data:text/javascript;base64,${script.bytes.toBase64()}`);
}

const channel = "public:smallest";

Deno.test("client: the smallest one moves down and up again, and misses and repeats nothing", async () => {
  const { connect } = await load();
  await using server = await startServer();
  await using proxy = startProxy(server.port);
  const url = proxy.url;
  await using stack = new AsyncDisposableStack();
  const client = connect(url, {
    environment: { random: () => 0 },
    timing: { hedgeMs: 60_000, returnMs: 200 },
  });
  stack.defer(() => client.close());
  const got = new Happenings<unknown>();
  const states = new Happenings<Status>();
  const gaps: string[] = [];
  client.status.subscribe((status) => states.add(status));
  const online = (transport: string) =>
    states.until(transport, (all) => {
      const status = all.at(-1);
      return status?.name === "online" && status.transport === transport;
    });
  let n = 0;
  const publish = async () => {
    await publishAll({ url: server.url, channel }, [++n, ++n, ++n]);
    await got.count(n);
  };

  proxy.rule = (head) => isUpgrade(head) || isEventStream(head) ? "refuse" : "pass";
  const subscription = client.channel(channel).subscribe(
    ({ data }: Publication<unknown>) => got.add(data),
    { onGap: () => gaps.push("gap"), onRefused: ({ message }) => gaps.push(message) },
  );
  await subscription.ready;
  await online("long_poll");
  await publish();
  proxy.rule = (head) => isUpgrade(head) ? "refuse" : "pass";
  await online("sse");
  await publish();
  proxy.rule = () => "pass";
  await online("websocket");
  await publish();
  proxy.cut();
  await publish();
  await online("websocket");

  assert.deepEqual(got.all, Array.from({ length: n }, (_, i) => i + 1));
  assert.deepEqual(gaps, []);
  const { position } = client.channel(channel);
  assert.deepEqual([typeof position?.epoch, position?.offset], ["string", n]);
  const refused = client.channel("nowhere:at-all").subscribe(() => {});
  await assert.rejects(refused.ready, { code: 102 });
  subscription.unsubscribe();
  await client.close();
  assert.deepEqual(states.all.at(-1), { name: "closed", code: 0, reason: "closed" });
});
