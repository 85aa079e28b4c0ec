/** Many drivers: how often they report, and where the task puts them on a real server. */
import assert from "node:assert/strict";
import type { Channels } from "../../lib/channels.ts";
import { connect } from "../../lib/client/mod.ts";
import type { VehiclePosition } from "../../lib/store/events.ts";
import { Client, type Time } from "../../tools/replay/client.ts";
import { drive } from "../../tools/replay/drive.ts";
import { fleetOf } from "../../tools/replay/fleet.ts";
import type { Way } from "../../tools/replay/way.ts";
import { within } from "../support/clients/eventually.ts";
import { apiKey, startServer } from "../support/server.ts";

/** What goes on without time, such as a request to a stand-in, is over after so many turns. */
const turns = 10;

/** Time that passes only while everybody sleeps: then until the first who wakes. */
function sharedTime(): Time {
  let now = 0;
  let isPassing = false;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const pass = async () => {
    isPassing = true;
    while (sleepers.length > 0) {
      for (let i = 0; i < turns; i++) await new Promise((next) => setTimeout(next, 0));
      const [first] = sleepers.toSorted((a, b) => a.at - b.at);
      if (first === undefined) break;
      sleepers.splice(sleepers.indexOf(first), 1);
      now = Math.max(now, first.at);
      first.wake();
      for (let i = 0; i < turns; i++) await Promise.resolve();
    }
    isPassing = false;
  };
  return {
    now: () => now,
    sleep: (ms) =>
      new Promise((wake) => {
        sleepers.push({ at: now + ms, wake });
        if (!isPassing) pass();
      }),
  };
}

interface Report {
  readonly id: string;
  readonly at: number;
  readonly lat: number;
}

function world(answer: (report: Report) => Promise<void> | void = () => {}) {
  const time = sharedTime();
  const reports: Report[] = [];
  const notes: { position: number; total: number }[] = [];
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const client = new Client({
    url: "http://shop.example",
    apiKey: "",
    time,
    random: () => 0,
    say,
    fetch: async (request) => {
      const body = await request.json();
      if (request.url.endsWith("/api/publish")) {
        notes.push(body.data);
        return Response.json({ result: {} });
      }
      const id = new URL(request.url).pathname.split("/")[3] ?? "";
      const report = { id, at: time.now(), lat: body.lat };
      reports.push(report);
      await answer(report);
      return Response.json({});
    },
  });
  const stage = { client, time, random: () => 0, say, speed: 1, file: "a.gpx", suffix: "" };
  const of = (id: string) => reports.filter((one) => one.id === id).map(({ at, lat }) => [at, lat]);
  return { time, stage, reports, notes, said, of };
}

const wayOf = (n: number, everyMs: number): Way => ({
  route: "",
  headsign: "",
  stops: Array.from({ length: n }, (_, i) => ({ at: i * everyMs, lat: i, lon: 0, speed: 0 })),
  lengthMs: n * everyMs,
});

Deno.test("drivers: all at once, each in its own time, once round", async () => {
  const it = world();
  await drive(it.stage, fleetOf([wayOf(3, 2_000), wayOf(2, 5_000)], 3), false);
  assert.deepEqual(it.of("driver-1"), [[0, 0], [2_000, 1], [4_000, 2]]);
  assert.deepEqual(it.of("driver-2"), [[0, 0], [5_000, 1]]);
  assert.deepEqual(it.of("driver-3"), [[1_000, 2], [3_000, 0], [5_000, 1]]);
  assert.deepEqual(it.said, []);
  assert.deepEqual(it.notes.map(({ total }) => total), it.notes.map(() => 8));
});

Deno.test("drivers: of a dense track one position a second is told, and its last", async () => {
  const it = world();
  await drive(it.stage, fleetOf([wayOf(23, 100)], 1), false);
  assert.deepEqual(it.of("driver-1"), [[0, 0], [1_000, 10], [2_000, 20], [3_000, 22]]);
});

Deno.test("drivers: one whose requests are slow tells where it is, and holds up nobody", async () => {
  const it: ReturnType<typeof world> = world(({ id }) => {
    return id === "driver-1" ? it.time.sleep(3_500) : undefined;
  });
  await drive(it.stage, fleetOf([wayOf(6, 1_000), wayOf(6, 1_000)], 2), false);
  assert.deepEqual(it.of("driver-1"), [[0, 0], [3_500, 3], [7_000, 5]]);
  assert.deepEqual(it.of("driver-2").map(([at]) => at), [0, 1_000, 2_000, 3_000, 4_000, 5_000]);
});

Deno.test("drivers: so many requests at once, in turn, and each tells where its driver is by then", async () => {
  let underWay = 0;
  let most = 0;
  const it: ReturnType<typeof world> = world(async () => {
    most = Math.max(most, ++underWay);
    await it.time.sleep(1_500);
    underWay--;
  });
  const ways = Array.from({ length: 20 }, () => wayOf(3, 1_000));
  await drive(it.stage, fleetOf(ways, 20), false);
  assert.equal(most, 16);
  assert.deepEqual(it.of("driver-20"), [[1_500, 1], [3_000, 2]]);
});

Deno.test("drivers: round and round until stopped", async () => {
  const stopped = new Error("stopped");
  const it: ReturnType<typeof world> = world(() => {
    if (it.reports.length === 5) throw stopped;
  });
  const sleep = it.time.sleep;
  it.time.sleep = (ms) => it.reports.length >= 5 ? Promise.reject(stopped) : sleep(ms);
  await assert.rejects(drive(it.stage, fleetOf([wayOf(2, 2_000)], 1), true), stopped);
  assert.deepEqual(it.of("driver-1").map(([, lat]) => lat), [0, 1, 0, 1, 0]);
});

const point = (lat: number, time = "") =>
  `<trkpt lat="${lat}" lon="7">${time && `<time>2026-01-01T12:00:0${time}Z</time>`}</trkpt>`;
const timed = `<trk><name>There &amp; back</name><number>5</number><trkseg>${point(1, "0")}${
  point(2, "1")
}</trkseg><trkseg>${point(3, "2")}</trkseg></trk>`;
const untimed = `<trk><trkseg>${point(-1)}${point(-1.001)}${point(-1.002)}</trkseg></trk>`;
const xmlns = `xmlns="http://www.topografix.com/GPX/1/1"`;

interface Ended {
  readonly code: number;
  readonly text: string;
}

/** `deno task replay`, with its own permissions. */
async function replay(args: readonly string[]): Promise<Ended> {
  const root = new URL("../../", import.meta.url);
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...String(tasks.replay.command).split(" ").slice(1), ...args],
    cwd: root,
    env: { API_KEY: apiKey },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("replay: five drivers on the tracks of two GPX files come by the state channel", async (t) => {
  await using server = await startServer();
  const first = `${server.folder}/first.gpx`;
  const second = `${server.folder}/second.gpx`;
  await Deno.writeTextFile(first, `<gpx version="1.1" ${xmlns}>${timed}</gpx>`);
  await Deno.writeTextFile(second, `<gpx version="1.1" ${xmlns}>${untimed}</gpx>`);
  const at = new Map<string, VehiclePosition>();
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const seen = new Set<string>();
  const ids = [1, 2, 3, 4, 5].map((n) => `driver-${n}`);
  // The last stops of those who began at their track's beginning.
  const ends: [string, number][] = [["driver-1", 3], ["driver-2", -1.002]];
  const look = () => {
    const isThere = ends.every(([id, lat]) => at.get(id)?.lat === lat);
    if (isThere && ids.every((id) => seen.has(id))) resolve();
  };
  const client = connect<Channels>(server.url, { token: await server.token() });
  await using closing = new AsyncDisposableStack();
  closing.defer(() => client.close());
  const subscription = client.state("vehicles:all").subscribe({
    onSync: (entries) => {
      for (const [id, position] of entries) seen.add(id) && at.set(id, position);
      look();
    },
    onChange: ({ key, data }) => {
      seen.add(key);
      if (data !== undefined) at.set(key, data);
      look();
    },
  });
  await subscription.ready;

  await t.step("they drive", async () => {
    const args = [first, second, "--drivers", "5", "--speed=2", "--url", server.url];
    const { code, text } = await replay(args);
    assert.equal(code, 0, text);
    assert.match(text, /first\.gpx, second\.gpx at 2 times its speed/);
    assert.match(text, /drivers: 5, tracks: 2/);
    assert.match(text, /1 of the tracks have points without a time: driven at 30 km\/h/);
    assert.match(text, /is over/);
    await within(arrived, () => `all drivers: ${JSON.stringify([...at])}`);
    assert.deepEqual([...seen].sort(), ids);
    const { route, headsign, lon } = at.get("driver-3") ?? {};
    assert.deepEqual([route, headsign, lon], ["5", "There & back", 7]);
  });

  await t.step("what it does not understand it says, and drives nobody", async () => {
    const broken = `${server.folder}/broken.gpx`;
    await Deno.writeTextFile(broken, `<gpx ${xmlns}>\n<trk><trkseg>${point(91)}`);
    const cases: [string[], RegExp][] = [
      [[first, broken], /cannot replay .*broken\.gpx: line 2: lat must be .* not "91"/],
      [[`${server.folder}/none.gpx`], /none\.gpx: there is no such file/],
      [["tools/replay/demo/vehicles.csv", "--drivers", "2"], /--drivers and --pace are for GPX/],
      [["--drivers", "0"], /--drivers must be a whole number/],
    ];
    for (const [args, message] of cases) {
      const { code, text } = await replay([...args, "--url", server.url]);
      assert.equal(code, 1, text);
      assert.match(text, message);
    }
    const help = await replay(["--help"]);
    assert.equal(help.code, 0);
    for (const option of ["--speed N", "--drivers N", "--pace KMH", "--loop", "--url URL"]) {
      assert.ok(help.text.includes(option), option);
    }
  });
});
