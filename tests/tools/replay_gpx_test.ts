/** GPX files for the replay: what is read, what is refused and why, and how it is driven. */
import assert from "node:assert/strict";
import { type GpxTrack, maxPoints, parseGpx } from "../../tools/replay/gpx.ts";
import { type Driver, dueOf, fleetOf } from "../../tools/replay/fleet.ts";
import { maxFileBytes, readRecordings } from "../../tools/replay/read.ts";
import { isTimed, type Way, wayOf } from "../../tools/replay/way.ts";

const one = `xmlns="http://www.topografix.com/GPX/1/1"`;
const gpx = (inner: string, attributes = one) =>
  `<?xml version="1.0"?>\n<gpx version="1.1" ${attributes}>\n${inner}\n</gpx>\n`;
const track = (points: string, head = "") => `<trk>${head}<trkseg>${points}</trkseg></trk>`;
const at = (lat: number, lon: number, time = "") =>
  `<trkpt lat="${lat}" lon="${lon}">${time && `<time>${time}</time>`}</trkpt>`;
const noon = Date.UTC(2026, 0, 1, 12);

Deno.test("gpx: tracks with their names and numbers, of all their segments", () => {
  const first = `<trk><name> West &amp; <![CDATA[<back>]]> </name><number>311</number>
    <trkseg>${at(30.1, -97.5, "2026-01-01T12:00:00Z")}</trkseg>
    <trkseg></trkseg>
    <trkseg>${at(30.2, -97.6, "2026-01-01T12:00:01.500+00:00")}</trkseg></trk>`;
  const empty = `<trk><name>none</name></trk>`;
  assert.deepEqual(parseGpx(gpx(first + empty + track(at(1, 2)))), [
    {
      name: "West & <back>",
      number: "311",
      points: [
        { lat: 30.1, lon: -97.5, time: noon },
        { lat: 30.2, lon: -97.6, time: noon + 1_500 },
      ],
    },
    { name: "", number: "", points: [{ lat: 1, lon: 2, time: null }] },
  ]);
});

Deno.test("gpx: zones of times, one left out is UTC", () => {
  for (
    const time of ["2026-01-01T06:00:00-06:00", "2026-01-01T12:00:00", " 2026-01-01T12:00:00Z "]
  ) {
    assert.equal(parseGpx(gpx(track(at(1, 2, time))))[0]?.points[0]?.time, noon, time);
  }
});

Deno.test("gpx: elements are known by their namespaces, not by their prefixes", () => {
  const prefixed = `<g:gpx xmlns:g="http://www.topografix.com/GPX/1/1" xmlns:x="urn:other">
    <x:trk><x:trkseg><x:trkpt lat="9" lon="9"/></x:trkseg></x:trk>
    <g:trk><g:name>A</g:name><g:extensions><x:name>B</x:name></g:extensions><g:trkseg>
      <g:trkpt lat="1" lon="2"><g:extensions><x:time>no</x:time></g:extensions></g:trkpt>
      <x:trkpt lat="9" lon="9"/>
    </g:trkseg></g:trk></g:gpx>`;
  const points = [{ lat: 1, lon: 2, time: null }];
  assert.deepEqual(parseGpx(prefixed), [{ name: "A", number: "", points }]);
  for (const attributes of ["", `xmlns="http://www.topografix.com/GPX/1/0"`]) {
    assert.deepEqual(parseGpx(gpx(track(at(1, 2)), attributes))[0]?.points, points);
  }
  // Waypoints, routes, and names of points are something else.
  const others = `<wpt lat="5" lon="5"/><rte><rtept lat="6" lon="6"/></rte>`;
  const named = `<trkpt lat="1" lon="2"><name>Stop</name></trkpt>`;
  assert.deepEqual(parseGpx(gpx(others + track(named))), [{ name: "", number: "", points }]);
});

const broken: [string, string, RegExp][] = [
  ["nothing", gpx(""), /^it has no track with a point/],
  ["routes alone", gpx(`<rte><rtept lat="6" lon="6"/></rte>`), /^it has no track/],
  ["another root", "<kml/>", /^line 1: the root element is <kml>; it must be GPX/],
  [
    "a root of another namespace",
    `<gpx xmlns="urn:x"/>`,
    /^line 1: the root element is <gpx> of namespace "urn:x"/,
  ],
  ["an end too early", gpx(track(at(1, 2))).slice(0, -8), /^line \d: Unclosed root tag/],
  ["a wrong end", gpx("<trk></trkseg>"), /^line 3: Unexpected close tag/],
  ["no quotes", gpx(`<trk a=1/>`), /^line 3: Unquoted attribute value/],
  ["a prefix of nothing", gpx("<x:trk/>"), /^line 3: Unbound namespace prefix: "x/],
  ["text after it", gpx("") + "more", /^line 5: Text data outside of root/],
  ["no lat", gpx(track(`\n<trkpt lon="1"/>`)), /^line 4: a trkpt has no lat$/],
  ["no lon", gpx(track(`<trkpt lat="1"/>`)), /^line 3: a trkpt has no lon$/],
  ["a lat that is none", gpx(track(`<trkpt lat="x" lon="1"/>`)), /lat must be .* not "x"$/],
  ["an empty lon", gpx(track(`<trkpt lat="1" lon=""/>`)), /lon must be .* not ""$/],
  ["hexadecimal", gpx(track(`<trkpt lat="0x1" lon="1"/>`)), /lat must be/],
  ["not a number", gpx(track(`<trkpt lat="NaN" lon="1"/>`)), /lat must be/],
  ["beyond the pole", gpx(track(at(90.1, 1))), /lat must be a number from -90 to 90, not "90.1"$/],
  ["beyond the date line", gpx(track(at(1, -181))), /lon must be a number from -180 to 180/],
  ["no time", gpx(track(at(1, 1, "noon"))), /^line 3: time must be one such as .* not "noon"$/],
  ["a day there is not", gpx(track(at(1, 1, "2026-13-01T00:00:00Z"))), /time must be/],
  ["a long one", gpx(track(at(1, 1, "x".repeat(999)))), /not "x{100}…"$/],
  ["an entity", gpx(track(at(1, 1), "<name>&bomb;</name>")), /^line 3: Invalid character entity/],
  ["depth", gpx("<a>".repeat(200)), /^line 3: elements are nested 100 deep/],
];

Deno.test("gpx: what is broken is refused with its line", () => {
  for (const [what, text, message] of broken) {
    assert.throws(() => parseGpx(text), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, message, what);
      return true;
    });
  }
});

Deno.test("gpx: entities that a file declares itself are not followed", () => {
  const bomb =
    `<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY f SYSTEM "/etc/hosts">]>
    <gpx ${one}>${track(at(1, 1), "<name>&f;</name>")}</gpx>`;
  assert.throws(() => parseGpx(bomb), /Invalid character entity/);
});

Deno.test("gpx: a file has so many points at most, and so many bytes", async () => {
  const point = at(1, 1);
  assert.throws(
    () => parseGpx(gpx(track(point.repeat(maxPoints + 1)))),
    new RegExp(`it has more than ${maxPoints} points$`),
  );
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/huge.gpx`;
    await Deno.writeTextFile(path, "<gpx>");
    await Deno.truncate(path, maxFileBytes + 1);
    await assert.rejects(
      readRecordings([path]),
      new RegExp(`^Error: cannot replay ${path}: it is larger than ${maxFileBytes} bytes$`),
    );
    await Deno.writeFile(path, new Uint8Array([0x3c, 0xff, 0xfe]));
    await assert.rejects(readRecordings([path]), /: it is not UTF-8$/);
    await assert.rejects(readRecordings([folder]), /: it is a folder$/);
    await assert.rejects(readRecordings([`${folder}/x.gpx`]), /: there is no such file$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("gpx: the demo file is the demo table's positions", async () => {
  const demo = (name: string) => new URL(`../../tools/replay/demo/${name}`, import.meta.url);
  const { tables, tracks, trackFiles } = await readRecordings([
    demo("vehicles.csv"),
    demo("drivers.gpx"),
  ]);
  assert.deepEqual(trackFiles, ["drivers.gpx"]);
  const rows = tables[0]?.rows;
  assert.ok(rows?.kind === "vehicles");
  const key = ({ lat, lon, time }: { lat: number; lon: number; time: number | null }) =>
    `${time} ${lat} ${lon}`;
  assert.deepEqual(
    tracks.flatMap(({ points }) => points.map(key)).sort(),
    rows.positions.map(key).sort(),
  );
  assert.deepEqual([tracks.length, tracks.every(isTimed)], [12, true]);
});

const named = (points: GpxTrack["points"], name = "", number = ""): GpxTrack => ({
  name,
  number,
  points,
});
const driving = { speed: 10, pace: 10, maxGapMs: 2_000 };
/** About 111.2 metres. */
const step = 0.001;

Deno.test("a way: by the times, faster, with pauses cut down and clocks that go back", () => {
  const times = [0, 10_000, 5_000, 5_000, 600_000];
  const points = times.map((ms, i) => ({ lat: i * step, lon: 0, time: noon + ms }));
  const way = wayOf(named(points, "West\nside", "7"), driving);
  assert.deepEqual([way.route, way.headsign], ["7", "West side"]);
  assert.deepEqual(way.stops.map(({ at }) => at), [0, 1_000, 1_000, 1_000, 3_000]);
  assert.deepEqual(way.stops.map(({ speed }) => speed), [0, 11.12, 11.12, 11.12, 0.19]);
  assert.equal(way.lengthMs, 5_000);
});

Deno.test("a way: without a time, at the pace", () => {
  const points = [0, 1, 1, 3].map((i) => ({ lat: i * step, lon: 0, time: i === 3 ? null : noon }));
  const way = wayOf(named(points), driving);
  // 11.12 s from one step to the next, ten times as fast.
  assert.deepEqual(way.stops.map(({ at }) => Math.round(at)), [0, 1_112, 1_112, 3_112]);
  assert.deepEqual(new Set(way.stops.map(({ speed }) => speed)), new Set([10]));
});

Deno.test("a way: names are as the server takes them, and so is what jumps", () => {
  const points = [{ lat: 0, lon: 0, time: 0 }, { lat: 50, lon: 90, time: 1_000 }];
  const way = wayOf(named(points, "đ".repeat(99) + "🚚!", "9".repeat(40)), driving);
  assert.equal(way.headsign, "đ".repeat(99) + "\ufffd");
  assert.equal(way.route, "9".repeat(32));
  assert.equal(way.stops[1]?.speed, 500);
});

const stops = (n: number, everyMs = 1_000): Way => ({
  route: "",
  headsign: "",
  stops: Array.from({ length: n }, (_, i) => ({ at: i * everyMs, lat: i, lon: 0, speed: 0 })),
  lengthMs: n * everyMs,
});
const round = (driver: Driver, n: number) =>
  Array.from({ length: n }, (_, i) => dueOf(driver, i)).map((due) => [due?.dueMs, due?.stop.lat]);

Deno.test("a fleet: drivers on the ways in turn, spread along each", () => {
  const ways = [stops(4), stops(3)];
  const drivers = fleetOf(ways, 5);
  assert.deepEqual(drivers.map(({ id }) => id).sort(), [1, 2, 3, 4, 5].map((n) => `driver-${n}`));
  const on = (way: Way | undefined) =>
    drivers.filter((one) => one.way === way).map(({ from }) => Math.round(from));
  assert.deepEqual([on(ways[0]), on(ways[1])], [[0, 1_333, 2_667], [0, 1_500]]);
  assert.deepEqual(fleetOf(ways, 1).map(({ id, from }) => [id, from]), [["driver-1", 0]]);
});

Deno.test("a fleet: a driver goes on at the beginning, in time, round and round", () => {
  const [first, second] = fleetOf([stops(3)], 2);
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(round(first, 4), [[0, 0], [1_000, 1], [2_000, 2], [3_000, 0]]);
  assert.deepEqual(round(second, 4), [[500, 2], [1_500, 0], [2_500, 1], [3_500, 2]]);
  // Who begins after the last stop waits for the next round.
  const [, , third] = fleetOf([stops(2)], 3);
  assert.ok(third !== undefined);
  assert.deepEqual(round(third, 2).map(([ms, lat]) => [Math.round(ms ?? NaN), lat]), [
    [667, 0],
    [1_667, 1],
  ]);
});
