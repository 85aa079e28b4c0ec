import assert from "node:assert/strict";
import { aggregate, Metrics } from "../../lib/ops/metrics.ts";
import { metric } from "../support/clients/metrics.ts";
import { openSse } from "../support/clients/sse.ts";
import { startServer } from "../support/server.ts";

/** Samples by name and labels. */
function read(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name, value] = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a sample: ${line}`);
    samples.set(name, Number(value));
  }
  return samples;
}

function node(websocket: number): Metrics {
  const metrics = new Metrics();
  metrics.observe({
    connections: () => ({ websocket, sse: 1 }),
    placesTaken: () => 4,
    channels: () => 3,
    bridgeSources: () => ({ live: 1 }),
    sharedPollKeys: () => 7,
    outboxRows: () => 0,
  });
  metrics.published();
  metrics.count("delivered", 5);
  metrics.count("gap", 1);
  metrics.count("reset", 1);
  metrics.fault("commit");
  return metrics;
}

Deno.test("metrics: those of several nodes are one text, counts summed, memory not", async () => {
  const snapshots = await Promise.all([node(2).snapshot(), node(3).snapshot()]);
  // As it travels between isolates.
  const text = await aggregate(JSON.parse(JSON.stringify(snapshots)));
  const samples = read(text);
  const expected = {
    nhip_publications_total: 2,
    nhip_deliveries_total: 10,
    nhip_gaps_total: 2,
    nhip_resets_total: 2,
    'nhip_errors_total{stage="commit"}': 2,
    'nhip_connections{transport="websocket"}': 5,
    'nhip_connections{transport="sse"}': 2,
    nhip_channels: 6,
    'nhip_bridge_sources{state="live"}': 2,
    nhip_shared_poll_keys: 14,
    nhip_store_outbox_rows: 0,
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(samples.get(name), value, name);
  }
  const { rss } = Deno.memoryUsage();
  const told = samples.get("nhip_resident_memory_bytes") ?? 0;
  assert.ok(told > rss / 2 && told < rss * 1.5, `${told} of ${rss}`);
  for (const name of new Set([...samples.keys()].map((sample) => sample.split("{")[0]))) {
    assert.match(text, new RegExp(`# HELP ${name} \\S`));
    assert.match(text, new RegExp(`# TYPE ${name} (counter|gauge)`));
  }
});

Deno.test("operations: health, readiness and metrics of a server", async () => {
  await using server = await startServer();
  for (const path of ["/healthz", "/readyz", "/metrics"]) {
    const response = await fetch(`${server.url}${path}`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain/);
    await response.body?.cancel();
  }
  await using reader = await openSse(server.url, { channels: ["public:a"] });
  await server.api("publish", { channel: "public:a", data: 1 });
  await reader.next();
  assert.equal(await metric(server.url, "nhip_publications_total"), 1);
  assert.equal(await metric(server.url, "nhip_deliveries_total"), 1);
  assert.equal(await metric(server.url, 'nhip_connections{transport="sse"}'), 1);
});
