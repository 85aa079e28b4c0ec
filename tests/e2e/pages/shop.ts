/** A server with something on every page: a morning's orders, alerts, vehicles under way, people. */
import assert from "node:assert/strict";
import { parse } from "@std/csv";
import { signToken } from "../../../lib/auth/tokens.ts";
import type { StateClient, StateOptions } from "../../support/clients/state/client.ts";
import { openStateWebSocket } from "../../support/clients/state/websocket.ts";
import { apiKey, startServer, type TestServer, tokenSecret } from "../../support/server.ts";
import { writePast } from "./past.ts";

export interface Shop extends AsyncDisposable {
  readonly url: string;
  /** All vehicles but the silent one go on a little. */
  drive(): Promise<void>;
  /** An order comes in. */
  order(): Promise<void>;
}

interface Stop {
  readonly lat: number;
  readonly lon: number;
  readonly speed: number;
  readonly route: string;
  readonly headsign: string;
}

const recording = new URL("../../../tools/replay/demo/vehicles.csv", import.meta.url);
const silentId = "2057";
/** From one stop of the recording to the next. */
const legs = 6;

export async function openShop(): Promise<Shop> {
  const folder = await Deno.makeTempDir({ prefix: "nhip-pages-" });
  await using opened = new AsyncDisposableStack();
  opened.defer(() => Deno.remove(folder, { recursive: true }));
  const database = `${folder}/kv.sqlite`;
  await writePast(database);
  const server = opened.use(await startServer({ dev: true, env: { KV_PATH: database } }));
  const vehicles = await Fleet.open(server);
  await raiseAlerts(server);
  for (const client of await sessions(server)) opened.use(client);
  const ends = opened.move();
  let orders = 0;
  return {
    url: server.url,
    drive: () => vehicles.drive(),
    async order() {
      orders += 1;
      await store(server, "POST", "orders", {
        id: `DH-${2_100 + orders}`,
        country: "Việt Nam",
        lines: [{ sku: "CF-ARA-500", quantity: 1 }, { sku: "PHIN-4", quantity: 1 }],
      });
    },
    [Symbol.asyncDispose]: () => ends.disposeAsync(),
  };
}

async function store(
  { url }: Pick<TestServer, "url">,
  method: string,
  path: string,
  body: unknown,
  credentials: HeadersInit = { "x-api-key": apiKey },
): Promise<void> {
  const response = await fetch(`${url}/store/${path}`, {
    method,
    headers: { ...credentials, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.text()}`);
}

/** One of each severity and kind that is not there by itself; one of them somebody takes care of. */
async function raiseAlerts(server: TestServer): Promise<void> {
  const token = await signToken(tokenSecret, { sub: "tài xế Hùng" });
  await store(server, "POST", "alerts", {
    order: "DH-2080",
    text: "Khách đổi giờ nhận hàng sang 11:30",
    severity: "info",
  }, { authorization: `Bearer ${token}` });
  await store(server, "POST", "alerts/stock:MAT-ONG-350/acknowledge", { by: "lan" });
}

/** Some who are connected, for the inspector. */
async function sessions({ url }: TestServer): Promise<StateClient[]> {
  const open = async (user: string, options: StateOptions) =>
    await openStateWebSocket(url, {
      ...options,
      token: await signToken(tokenSecret, { sub: user }),
    });
  return await Promise.all([
    open("an", { channels: ["orders:all", "stock:all"] }),
    open("bình", { channels: ["vehicles:all"] }),
    open("kho-2", { channels: ["stock:all"], plain: ["public:news"] }),
  ]);
}

/** The vehicles of the recording, on their ways to and fro. */
class Fleet {
  readonly #server: TestServer;
  readonly #ways: ReadonlyMap<string, readonly Stop[]>;
  #step = 0;

  private constructor(server: TestServer, ways: ReadonlyMap<string, readonly Stop[]>) {
    this.#server = server;
    this.#ways = ways;
  }

  static async open(server: TestServer): Promise<Fleet> {
    const ways = new Map<string, Stop[]>();
    const rows = parse(await Deno.readTextFile(recording), { skipFirstRow: true });
    for (const row of rows as readonly Record<string, string>[]) {
      const id = row["vehicle_id"] ?? "";
      const stop = {
        lat: Number(row["latitude"]),
        lon: Number(row["longitude"]),
        speed: Number(row["speed"]),
        route: row["route_id"] ?? "",
        headsign: row["trip_headsign"] ?? "",
      };
      ways.set(id, [...ways.get(id) ?? [], stop]);
    }
    const fleet = new Fleet(server, ways);
    const [silent] = ways.get(silentId) ?? [];
    const at = Date.now() - 4 * 60_000;
    await store(server, "PUT", `vehicles/${silentId}/position`, { ...silent, at });
    await fleet.drive();
    return fleet;
  }

  async drive(): Promise<void> {
    const step = this.#step++;
    await Promise.all(
      [...this.#ways].filter(([id]) => id !== silentId).map(([id, way]) =>
        store(this.#server, "PUT", `vehicles/${id}/position`, placeOn(way, step))
      ),
    );
  }
}

/** To the last stop and back, again and again. */
function placeOn(way: readonly Stop[], step: number): Stop {
  const there = (way.length - 1) * legs;
  const at = step % (2 * there);
  const along = (at <= there ? at : 2 * there - at) / legs;
  const from = way[Math.floor(along)];
  const to = way[Math.ceil(along)];
  assert.ok(from !== undefined && to !== undefined);
  const part = along % 1;
  const between = (a: number, b: number) => a + (b - a) * part;
  return { ...from, lat: between(from.lat, to.lat), lon: between(from.lon, to.lon) };
}
