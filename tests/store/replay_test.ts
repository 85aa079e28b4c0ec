import assert from "node:assert/strict";
import { Hono, type MiddlewareHandler } from "hono";
import { storeRoutes } from "../../routes/store.ts";
import { parseArgs } from "../../tools/replay/args.ts";
import { Client, type Time } from "../../tools/replay/client.ts";
import { Lifecycle } from "../../tools/replay/lifecycle.ts";
import { play } from "../../tools/replay/play.ts";
import { parseRecording, type RecordedRows } from "../../tools/replay/recording.ts";
import { stepsOf, stockFor } from "../../tools/replay/steps.ts";
import { openTestStore, outboxSize, Recorder, tempKv, turnsUntil } from "./support.ts";
import { seeded } from "../support/random.ts";

const header =
  "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";
const busHeader =
  "vehicle_id,timestamp,speed,route_id,trip_id,latitude,longitude,trip_headsign\r\n";

function invoice(...rows: string[]) {
  const recording = parseRecording(header + rows.join("\n") + "\n");
  if (recording.kind !== "orders") throw new Error("not orders");
  return recording.lines;
}

async function demo(name: string): Promise<RecordedRows> {
  const url = new URL(`../../tools/replay/demo/${name}.csv`, import.meta.url);
  const recording = parseRecording(await Deno.readTextFile(url));
  if (recording.kind === "tracks") throw new Error("no table");
  return recording;
}

/** Time that passes only in sleep, and there at once. */
function hastyTime(): Time & { slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: (ms) => {
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

Deno.test("a recording is told by its header line", () => {
  const text = `\ufeff${busHeader}2061,2015-03-07T07:00:01-06:00,10,4,1,30.2,-97.6,WEST\r\n`;
  assert.deepEqual(parseRecording(text), {
    kind: "vehicles",
    positions: [{
      id: "2061",
      time: Date.UTC(2015, 2, 7, 13, 0, 1),
      lat: 30.2,
      lon: -97.6,
      speed: 4.47,
      route: "4",
      headsign: "WEST",
    }],
  });
  assert.deepEqual(invoice('1,22245,"HOOK, 1 ""BIG""",2,2010-12-01 08:26:00,0.85,17850.0,EIRE'), [{
    invoice: "1",
    sku: "22245",
    name: 'HOOK, 1 "BIG"',
    quantity: 2,
    time: Date.UTC(2010, 11, 1, 8, 26),
    unitPrice: 85,
    customer: "17850.0",
    country: "EIRE",
  }]);
});

Deno.test("a recording that is none is refused precisely", () => {
  const row = "1,22245,HOOK,x,2010-12-01 08:26:00,0.85,1,EIRE\n";
  assert.throws(() => parseRecording(header + row), /Quantity must be a number, not "x"/);
  assert.throws(() => parseRecording(header + row.replace("x", "")), /Quantity must be a number/);
  const late = row.replace("x", "1").replace("08:26", "28:26");
  assert.throws(() => parseRecording(header + late), /InvoiceDate must be a time/);
  assert.throws(() => parseRecording(header), /no rows/);
  assert.throws(() => parseRecording("a,b\n1,2\n"), /unknown header line "a,b"/);
  assert.throws(() => parseRecording(""), /unknown header line ""/);
});

Deno.test("invoices become orders of at most 80 lines, returns and cancellations", () => {
  const at = "2010-12-01 08:26:00,1.5,7,EIRE";
  const long = Array.from({ length: 170 }, (_, i) => `9,${10_000 + i},N${i},1,${at}`);
  const steps = stepsOf(invoice(
    `8,22245,HOOK,2,${at}`,
    `8,POST,POSTAGE,1,${at}`,
    `8,22245,HOOK,3,${at}`,
    `C5,22245,HOOK,-1,${at}`,
    `6,22246,,-10,${at}`,
    `C7,D,Discount,-1,${at}`,
    ...long,
  ));
  assert.deepEqual(
    steps.map((step) => [step.kind === "order" ? step.id : step.invoice, step.lines.length]),
    [["8", 1], ["C5", 1], ["6", 1], ["9", 80], ["9-2", 80], ["9-3", 10]],
  );
  assert.deepEqual(steps[0]?.lines, [{ sku: "22245", quantity: 5 }]);
  assert.deepEqual(steps.slice(1, 3).map((step) => [step.kind, step.customer]), [
    ["back", "7"],
    ["back", ""],
  ]);
});

Deno.test("the stock suffices for what will be ordered", () => {
  const at = "2010-12-01 08:26:00";
  const rows = [`1,22245,,100,${at},0,7,EIRE`, `2,22245,HOOK,50,${at},0.85,7,EIRE`];
  assert.deepEqual(stockFor(invoice(...rows, `C3,22246,CUP,-1,${at},1,7,EIRE`)), [
    { sku: "22245", name: "HOOK", quantity: 225, unitPrice: 85 },
    { sku: "22246", name: "CUP", quantity: 20, unitPrice: 100 },
  ]);
});

Deno.test("a cancellation finds the customer's own order while it can be cancelled", () => {
  const lifecycle = new Lifecycle(() => 0.5);
  const lines = [{ sku: "1", quantity: 5 }];
  lifecycle.placed(0, { id: "a", customer: "7", lines });
  assert.equal(lifecycle.takeCancellable("", lines), undefined);
  assert.equal(lifecycle.takeCancellable("8", lines), undefined);
  assert.equal(lifecycle.takeCancellable("7", [{ sku: "1", quantity: 6 }]), undefined);
  assert.equal(lifecycle.takeCancellable("7", [{ sku: "1", quantity: 4 }]), "a");
  assert.equal(lifecycle.takeCancellable("7", lines), undefined);
  lifecycle.placed(0, { id: "b", customer: "7", lines });
  const moves = Array.from({ length: 20 }, (_, tick) => lifecycle.due(tick)).flat();
  assert.deepEqual(moves.map((move) => move.status), ["packed", "shipped", "delivered"]);
  assert.equal(lifecycle.takeCancellable("7", lines), undefined);
  assert.equal(lifecycle.isOver, true);
});

Deno.test("every order is delivered or cancelled in the end, so that none stays in work", () => {
  for (let chance = 0; chance < 1; chance += 0.01) {
    const lifecycle = new Lifecycle(() => chance);
    lifecycle.placed(0, { id: "a", customer: "7", lines: [] });
    const moves = Array.from({ length: 20 }, (_, tick) => lifecycle.due(tick)).flat();
    assert.match(moves.at(-1)?.status ?? "", /^(delivered|cancelled)$/);
    assert.equal(lifecycle.isOver, true);
  }
});

Deno.test("the command line", () => {
  assert.deepEqual(parseArgs([]), {
    files: [],
    speed: 10,
    url: "http://127.0.0.1:8000",
    loop: false,
    drivers: null,
    pace: null,
  });
  const args = ["a.csv", "--speed=2.5", "--loop", "b.gpx", "--url", "https://x.example/"];
  assert.deepEqual(parseArgs([...args, "--drivers", "1000", "--pace=36"]), {
    files: ["a.csv", "b.gpx"],
    speed: 2.5,
    url: "https://x.example",
    loop: true,
    drivers: 1_000,
    pace: 10,
  });
  for (const word of ["--help", "-h"]) assert.equal(parseArgs(["a.csv", word]), "help");
  for (const bad of ["0", "-1", "NaN", "Infinity", "", "x"]) {
    assert.throws(() => parseArgs(["--speed", bad]), /--speed must be a number greater than 0/);
  }
  for (const bad of ["0", "1001", "1.5", "", "x"]) {
    assert.throws(
      () => parseArgs(["--drivers", bad]),
      /--drivers must be a whole number from 1 to/,
    );
  }
  for (const bad of ["0.9", "301", "NaN", "", "x"]) {
    assert.throws(() => parseArgs(["--pace", bad]), /--pace must be a number from 1 to 300/);
  }
  assert.throws(() => parseArgs(["--speed"]), /--speed/);
  assert.throws(() => parseArgs(["--url", "ftp://x"]), /--url/);
  assert.throws(() => parseArgs(["--sped", "1"]), /unknown option --sped/);
});

const open: MiddlewareHandler = (_, next) => next();

Deno.test("the demo data plays through the routes without a refusal", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  const notes: unknown[] = [];
  const app = new Hono()
    .route(
      "/store",
      storeRoutes({ store, authorize: open, authorizeWrite: open, authorizeChat: open }),
    )
    .post("/api/publish", async (c) => {
      assert.equal(c.req.header("x-api-key"), "secret");
      notes.push(await c.req.json());
      return c.json({ result: {} });
    });
  const said: string[] = [];
  const stage = { random: seeded(1), say: (line: string) => said.push(line), speed: 10 };
  for (const file of ["orders", "vehicles"]) {
    const time = hastyTime();
    const client = new Client({
      url: "http://shop.example",
      apiKey: "secret",
      ...stage,
      time,
      fetch: async (request) => await app.fetch(request),
    });
    await play({ ...stage, client, time, file, suffix: ".1" }, await demo(file));
    assert.equal(Math.max(...time.slept) <= 2_000, true);
  }
  assert.deepEqual(said, []);
  const { vehicles } = await store.snapshot();
  const { items: orders } = await store.listOrders({ limit: 100 });
  assert.equal(vehicles.length, 12);
  assert.equal(orders.length > 20, true);
  const statuses = new Set(orders.map((order) => order.status));
  assert.equal(statuses.has("delivered") && statuses.has("cancelled"), true);
  assert.equal(notes.length > 4, true);
  await turnsUntil(async () => await outboxSize(db.kv) === 0);
  const moves = recorder.allOn("vehicles:all").filter(({ removed }) => !removed);
  assert.equal(moves.length, 93);
});

Deno.test("the client outlives a server that goes and comes back, and gives up at last", async () => {
  const time = hastyTime();
  const said: string[] = [];
  let answers: (Response | Error)[] = [
    new Error("connection refused"),
    new Response(null, { status: 503 }),
    new Response("{}", { status: 201 }),
    new Response(JSON.stringify({ detail: "sold out" }), { status: 409 }),
  ];
  const client = new Client({
    url: "http://shop.example",
    apiKey: "",
    time,
    random: () => 0,
    say: (line) => said.push(line),
    fetch: () => {
      const answer = answers.shift() ?? new Error("connection refused");
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  assert.deepEqual(await client.send("GET", "/x"), { status: 201, detail: "" });
  assert.deepEqual(said, [
    "waiting for http://shop.example: connection refused",
    "the server is back",
  ]);
  assert.deepEqual(await client.send("GET", "/x"), { status: 409, detail: "sold out" });
  answers = [new Response(null, { status: 401 })];
  await assert.rejects(client.send("GET", "/x"), /API_KEY/);
  await assert.rejects(client.send("GET", "/x"), /no server at http:\/\/shop\.example/);
  assert.equal(time.now() > 600_000, true);
});
