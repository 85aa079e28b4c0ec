import assert from "node:assert/strict";
import { startProxy } from "../client/proxy.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { next, openSdk } from "./centrifuge.ts";
import { publishNumbers, upTo } from "./numbers.ts";

const channel = "public:a";

Deno.test("centrifuge: what was published while it was cut off arrives once", async () => {
  await using server = await startServer();
  await using proxy = startProxy(server.port);
  await using sdk = openSdk(proxy.url);
  const { subscription, numbers, reached } = await sdk.subscribe(channel);
  await publishNumbers(server, channel, 1, 3);
  await reached(3);

  proxy.rule = () => "refuse";
  const lost = next(sdk.client, "connecting");
  proxy.cut();
  await lost;
  await publishNumbers(server, channel, 4, 50);
  const back = next(subscription, "subscribed");
  proxy.rule = () => "pass";
  const { wasRecovering, recovered, hasRecoveredPublications } = await back;
  assert.deepEqual([wasRecovering, recovered, hasRecoveredPublications], [true, true, true]);
  await publishNumbers(server, channel, 51, 60);
  await reached(60);
  assert.deepEqual(numbers, upTo(60));
});

Deno.test("centrifuge: it is told when the history no longer reaches back", async () => {
  const namespace = {
    name: "short",
    history: { size: 5, ttl: "300s" },
    allow: { subscribe: "anyone" },
  };
  await using server = await startServer({ channels: { namespaces: [namespace] } });
  await using proxy = startProxy(server.port);
  await using sdk = openSdk(proxy.url);
  const { subscription, numbers, reached } = await sdk.subscribe("short:a");
  await publishNumbers(server, "short:a", 1, 1);
  await reached(1);

  proxy.rule = () => "refuse";
  const lost = next(sdk.client, "connecting");
  proxy.cut();
  await lost;
  await publishNumbers(server, "short:a", 2, 60);
  // Without a restart the server still has them in memory, and gives more than it must.
  await server.signal("SIGKILL");
  await using again = await startServer({ after: server });
  const back = next(subscription, "subscribed");
  proxy.rule = () => "pass";
  const { wasRecovering, recovered } = await back;
  assert.deepEqual([wasRecovering, recovered], [true, false]);
  await publishNumbers(again, "short:a", 61, 61);
  await reached(61);
  assert.deepEqual(numbers, [1, 61]);
});

Deno.test("centrifuge: nothing acknowledged is lost or repeated when the server is killed", async () => {
  await using server = await startServer();
  await using sdk = openSdk(server.url);
  const { subscription, numbers, reached } = await sdk.subscribe(channel);
  await publishNumbers(server, channel, 1, 10);
  const publishing = publishUntilRefused(server, 11);
  await reached(40);

  const lost = next(sdk.client, "connecting");
  const back = next(subscription, "subscribed");
  await server.signal("SIGKILL");
  await lost;
  const acknowledged = await publishing;
  await using again = await startServer({ after: server });
  const { recovered } = await back;
  assert.equal(recovered, true);
  const last = acknowledged + 2;
  await publishNumbers(again, channel, last, last);
  await reached(last);
  // The one under way when it was killed may have been kept, its answer lost.
  const received = numbers.filter((n) => n !== acknowledged + 1);
  assert.deepEqual(received, [...upTo(acknowledged), last]);
  assert.ok(numbers.length - received.length <= 1);
});

/** The last number that was acknowledged. */
async function publishUntilRefused(server: TestServer, from: number): Promise<number> {
  for (let n = from;; n++) {
    try {
      await server.api("publish", { channel, data: { n } });
    } catch {
      return n - 1;
    }
  }
}
