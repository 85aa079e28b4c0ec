/** What one client can take from the others. */
import assert from "node:assert/strict";
import { metric } from "../support/clients/metrics.ts";
import { startServer } from "../support/server.ts";

Deno.test("taking: HEAD takes no connection's place", async () => {
  await using server = await startServer();
  for (const accept of ["text/event-stream", "application/json"]) {
    const response = await fetch(`${server.url}/v1/events?channels=public:a`, {
      method: "HEAD",
      headers: { accept },
    });
    await response.body?.cancel();
    assert.equal(response.status, 405);
  }
  assert.equal(await metric(server.url, "nhip_places_taken"), 0);
});

Deno.test("taking: read replies of one /v1/commands answer are bounded, publishes still done", async () => {
  await using server = await startServer();
  const data = "x".repeat(60_000);
  for (let n = 0; n < 10; n++) await server.api("publish", { channel: "public:a", data });
  const history = { channel: "public:a", limit: 100 };
  const lines = Array.from({ length: 20 }, (_, i) => JSON.stringify({ id: i + 1, history }));
  const body = [...lines, JSON.stringify({ id: 21, rpc: { method: "time" } })].join("\n");
  const response = await fetch(`${server.url}/v1/commands`, { method: "POST", body });
  const text = await response.text();
  assert.equal(response.status, 200);
  assert.ok(text.length < 2 * 1024 * 1024, `${text.length}`);
  const codes = text.split("\n").map((line) => JSON.parse(line).error?.code ?? 0);
  assert.equal(codes.length, 21);
  assert.deepEqual([codes[0], codes[19], codes[20]], [0, 106, 106]);
  assert.equal(await metric(server.url, "nhip_places_taken"), 0);
});
