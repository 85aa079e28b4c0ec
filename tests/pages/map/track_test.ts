import assert from "node:assert/strict";
import { along, bearing, distance, turn } from "../../../islands/map/geo.ts";
import { type Report, Track } from "../../../islands/map/track.ts";

/** Metres east and north of a corner in Hồ Chí Minh City. */
function reportAt(east: number, north: number, at: number): Report {
  const lat = 10.77 + north / 111_195;
  return { lat, lon: 106.7 + east / (111_195 * Math.cos(10.77 * Math.PI / 180)), at };
}

const origin = reportAt(0, 0, 0);
const metres = (place: { lat: number; lon: number }) => Math.round(distance(origin, place));

Deno.test("geo: directions are clockwise from north", () => {
  const to = (east: number, north: number) => Math.round(bearing(origin, reportAt(east, north, 0)));
  assert.deepEqual([to(0, 9), to(9, 9), to(9, 0), to(0, -9), to(-9, 0)], [0, 45, 90, 180, 270]);
  assert.deepEqual([turn(350, 20, 0.5), turn(20, 350, 0.5), turn(0, 90, 1)], [5, 5, 90]);
});

Deno.test("geo: across the line of dates is the short way", () => {
  const [from, to] = [{ lat: 0, lon: 179.99 }, { lat: 0, lon: -179.99 }];
  assert.ok(Math.abs(distance(from, to) - 2_224) < 2);
  assert.equal(bearing(from, to), 90);
  assert.equal(Math.abs(along(from, to, 0.5).lon), 180);
});

Deno.test("track: a vehicle goes to where it says it is, within the time between its reports", () => {
  const track = new Track(origin, 0);
  track.report(reportAt(100, 0, 5_000), 5_000);
  assert.equal(metres(track.sight(5_000)), 0);
  assert.equal(metres(track.sight(7_500)), 50);
  assert.ok(track.isMoving(9_999));
  assert.equal(metres(track.sight(10_000)), 100);
  assert.equal(metres(track.sight(60_000)), 100);
  assert.equal(track.isMoving(10_000), false);
  assert.equal(Math.round(track.speed ?? 0), 20);
});

Deno.test("track: a report that comes early is gone to from where one is", () => {
  const track = new Track(origin, 0);
  track.report(reportAt(100, 0, 4_000), 4_000);
  track.report(reportAt(200, 0, 6_000), 6_000);
  assert.equal(metres(track.sight(6_000)), 50);
  assert.equal(metres(track.sight(7_000)), 125);
  assert.equal(metres(track.sight(8_000)), 200);
});

Deno.test("track: after a long silence nobody waits as long again", () => {
  const track = new Track(origin, 0);
  track.report(reportAt(500, 0, 120_000), 120_000);
  assert.equal(metres(track.sight(125_000)), 250);
  assert.equal(metres(track.sight(130_000)), 500);
});

Deno.test("track: a report that is no news moves nothing", () => {
  const track = new Track(reportAt(0, 0, 1_000), 0);
  track.report(reportAt(900, 0, 1_000), 2_000);
  track.report(reportAt(900, 0, 500), 3_000);
  assert.equal(metres(track.sight(20_000)), 0);
  assert.equal(track.speed, null);
});

Deno.test("track: a leap that nobody could drive is no way, and has no direction", () => {
  const track = new Track(origin, 0);
  track.report(reportAt(100, 0, 1_000), 1_000);
  track.report(reportAt(9_000, 0, 2_000), 2_000);
  assert.equal(metres(track.sight(2_000)), 9_000);
  assert.deepEqual([track.isMoving(2_000), track.sight(2_000).heading, track.speed], [
    false,
    null,
    null,
  ]);
});

Deno.test("track: where motion is not wanted, it is there at once and looks the right way", () => {
  const track = new Track(origin, 0);
  track.report(reportAt(0, -100, 5_000), 5_000, true);
  assert.equal(metres(track.sight(5_000)), 100);
  assert.equal(track.isMoving(5_000), false);
  assert.equal(Math.round(track.sight(5_000).heading ?? -1), 180);
});

Deno.test("track: a vehicle that stands does not turn with its receiver's noise", () => {
  const track = new Track(origin, 0);
  assert.equal(track.sight(0).heading, null);
  track.report(reportAt(50, 0, 1_000), 1_000);
  for (let i = 1; i <= 9; i++) {
    const at = 1_000 * (i + 1);
    track.report(reportAt(50 + 4 * Math.cos(i), 4 * Math.sin(i), at), at);
  }
  assert.equal(Math.round(track.sight(99_000).heading ?? -1), 90);
  // Slowly, but going: the small steps add up.
  for (let i = 1; i <= 5; i++) track.report(reportAt(50, 4 * i, 20_000 + i), 20_000 + i);
  assert.ok((track.sight(99_000).heading ?? 90) < 20);
});

Deno.test("track: it turns by the shorter way, in less than a second", () => {
  const track = new Track(origin, 0);
  track.report(reportAt(-20, 100, 1_000), 1_000);
  track.report(reportAt(20, 200, 3_000), 3_000);
  const heading = (now: number) => track.sight(now).heading ?? 180;
  const [start, middle, end] = [heading(3_000), heading(3_200), heading(3_500)];
  assert.ok(start > 340 && end > 15 && end < 30, `${start} ${end}`);
  assert.ok(middle > 355 || middle < 10, `${middle}`);
});
