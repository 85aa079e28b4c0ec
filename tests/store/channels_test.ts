/** The shop's channels on the real server: what they hold is what the shop holds. */
import assert from "node:assert/strict";
import { watch, type Watched } from "../client/watched.ts";
import { eventually } from "../support/clients/eventually.ts";
import { apiKey, startServer, type TestServer } from "../support/server.ts";

const states = ["orders:all", "stock:all", "vehicles:all"];

async function store(server: TestServer, method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}/store/${path}`, {
    method,
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

async function trade(server: TestServer): Promise<void> {
  for (const sku of ["A", "B", "C"]) {
    await store(server, "PUT", `stock/${sku}`, { name: "Lamp", quantity: 50, unitPrice: 1 });
  }
  for (const id of ["one", "two", "three"]) {
    const lines = ["A", "B"].map((sku) => ({ sku, quantity: 1 }));
    await store(server, "POST", "orders", { id, country: "Norway", lines });
  }
  await store(server, "DELETE", "orders/two");
  await store(server, "PATCH", "orders/three", { status: "packed" });
  await store(server, "PUT", "vehicles/bus-1/position", { lat: 1, lon: 2, route: "4" });
}

/** Resolves when the client holds what the shop does. */
async function isLevel(watched: Watched, server: TestServer): Promise<void> {
  const { orders } = await store(server, "GET", "orders?limit=1000");
  const { stock } = await store(server, "GET", "stock?limit=1000");
  const { vehicles } = await store(server, "GET", "vehicles?limit=1000");
  const wanted = [
    byKey(orders.filter(({ status }: { status: string }) => /placed|packed|shipped/.test(status))),
    byKey(stock),
    byKey(vehicles),
  ];
  const held = () => states.map((name) => sorted(watched.client.state(name).entries));
  await watched.until(
    `the shop's state, ${JSON.stringify(wanted)}`,
    () => JSON.stringify(held()) === JSON.stringify(wanted),
  );
}

const byKey = (items: { id?: string; sku?: string }[]) =>
  sorted(items.map((item) => [item.id ?? item.sku ?? "", item]));
const sorted = (entries: Iterable<readonly [string, unknown]> = []) =>
  [...entries].sort(([a], [b]) => a < b ? -1 : 1);

for (const broker of ["memory:", "edge:"]) {
  Deno.test(`the shop's channels hold what the shop does, also after a kill (${broker})`, async () => {
    const env = { BROKER_URL: broker };
    await using first = await startServer({ env });
    const token = await first.token();
    await using watched = watch({ url: first.url, token, states });
    await trade(first);
    await isLevel(watched, first);
    await first.signal("SIGKILL");
    await using second = await startServer({ after: first, env });
    await isLevel(watched, second);
    await store(second, "PATCH", "orders/three", { status: "shipped" });
    await isLevel(watched, second);
    await using newcomer = watch({ url: second.url, token, states });
    await isLevel(newcomer, second);
    if (broker === "edge:") {
      const syncs = watched.told.filter((one) => one.startsWith("sync")).length;
      assert.equal(syncs, states.length, "it went on from its positions");
    }
  });
}

Deno.test("a channel of the shop that was cleared is filled again by the next change", async () => {
  await using server = await startServer();
  await using watched = watch({ url: server.url, token: await server.token(), states });
  await trade(server);
  await isLevel(watched, server);
  await server.api("map_clear", { channel: "stock:all" });
  await store(server, "POST", "stock/C/restock", { quantity: 1 });
  await isLevel(watched, server);
});

Deno.test("the shop's channels say what filters go by, and take nothing from back ends without a key", async () => {
  await using server = await startServer();
  await trade(server);
  const token = await server.token();
  const ask = async (country: string) => {
    const response = await fetch(
      `${server.url}/v1/events?channels=orders:all&wait=0&filter=country=${country}`,
      { headers: { authorization: `Bearer ${token}` } },
    );
    assert.equal(response.status, 200);
    const { channels } = await response.json();
    return channels["orders:all"].state.map(({ key }: { key: string }) => key);
  };
  await using watched = watch({ url: server.url, token, states });
  await isLevel(watched, server);
  // Newcomers of one moment share a snapshot: what has just gone may still be in it.
  await eventually(async () => (await ask("Norway")).join() === "one,three", "two has gone");
  assert.deepEqual(await ask("France"), []);
  const { error } = await server.api("publish", { channel: "orders:all", data: {} }) as {
    error: { code: number };
  };
  assert.equal(error.code, 107);
});
