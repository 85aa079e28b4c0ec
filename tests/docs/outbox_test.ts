/** Step three: a change and the news of it are one. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { eventually } from "../support/clients/eventually.ts";
import { apiKey, freePort, startServer } from "../support/server.ts";
import { exampleChannels, type Order, shows } from "./world.ts";
import { exampleFolder, run } from "./example.ts";

const env = { API_KEY: apiKey };

async function put(port: number, id: string, status: string): Promise<void> {
  const body = JSON.stringify({ status });
  const response = await fetch(`http://127.0.0.1:${port}/orders/${id}`, { method: "PUT", body });
  assert.equal(response.status, 204);
  await response.body?.cancel();
}

async function ordersOf(port: number): Promise<readonly Order[] | null> {
  const response = await fetch(`http://127.0.0.1:${port}/orders`).catch(() => null);
  return response === null ? null : await response.json();
}

function waiting(folder: string): number {
  const db = new DatabaseSync(`${folder}/orders.sqlite`, { readOnly: true });
  try {
    return Number(db.prepare("SELECT count(*) AS n FROM outbox").get()?.["n"]);
  } finally {
    db.close();
  }
}

/** Every change of every key, as it was published. */
async function stream(server: Awaited<ReturnType<typeof startServer>>): Promise<string[]> {
  const answer = await server.api("map_read_stream", { channel: "bridge:orders", limit: 1_000 });
  const { publications } = answer["result"] as {
    publications: { key: string; data: { status: string } | null; removed?: true }[];
  };
  return publications.map(({ key, data, removed }) => `${key}:${removed ? "-" : data?.status}`);
}

Deno.test("docs: outbox.ts loses no change, through kills of both, and keeps the order", async () => {
  const backEnd = freePort();
  // The bridge's poll is no help here: nothing answers it.
  await using away = await startServer({ channels: await exampleChannels(freePort(), "1h") });
  await using folder = await exampleFolder({ server: away.port, backEnd });
  await away.signal("SIGKILL");
  {
    // The server is away.
    await using first = await run(folder.path, "outbox.ts", env);
    await eventually(async () => await ordersOf(backEnd) !== null, "it listens");
    for (const status of ["placed", "packed", "shipped"]) await put(backEnd, "o-1", status);
    await put(backEnd, "o-2", "placed");
    await eventually(() => first.output().includes("publishing again soon"), "it tries");
    await first.kill();
  }
  assert.equal(waiting(folder.path), 4);
  await using server = await startServer({ after: away });
  await using _second = await run(folder.path, "outbox.ts", env);
  await eventually(() => waiting(folder.path) === 0, "all is published");
  assert.deepEqual(await stream(server), ["o-1:placed", "o-1:packed", "o-1:shipped", "o-2:placed"]);
  await using subscriber = await run(folder.path, "event_source.js");
  await shows(subscriber, "o-1:shipped", "o-2:placed");

  const remove = await fetch(`http://127.0.0.1:${backEnd}/orders/o-2`, { method: "DELETE" });
  await remove.body?.cancel();
  await shows(subscriber, "o-1:shipped");

  await server.signal("SIGKILL");
  await put(backEnd, "o-3", "placed");
  await put(backEnd, "o-3", "packed");
  await using _again = await startServer({ after: server });
  await shows(subscriber, "o-1:shipped", "o-3:packed");
});

Deno.test("docs: outbox.ts goes on past what can never be published", async () => {
  const backEnd = freePort();
  await using server = await startServer({ channels: await exampleChannels(freePort(), "1h") });
  await using folder = await exampleFolder({ server: server.port, backEnd });
  await using _program = await run(folder.path, "outbox.ts", env);
  await eventually(async () => await ordersOf(backEnd) !== null, "it listens");
  await put(backEnd, "o-1", "x".repeat(70_000));
  await put(backEnd, "o-2", "placed");
  await using subscriber = await run(folder.path, "event_source.js");
  await shows(subscriber, "o-2:placed");
  assert.equal(waiting(folder.path), 1);
});
