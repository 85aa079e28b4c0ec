import assert from "node:assert/strict";
import { Fleet } from "../../../islands/map/fleet.ts";
import type { VehiclePosition } from "../../../lib/store/events.ts";

function vehicle(id: string, at: number, lat = 10): VehiclePosition {
  return { id, lat, lon: 106, speed: 0, route: "1", headsign: "", at };
}

const stale = (fleet: Fleet, now: number, ahead = 0) =>
  [...fleet.sights(now, ahead)].filter(({ isStale }) => isStale).map(({ position }) => position.id);

Deno.test("fleet: who is not told of any more is gone, and who is new stands where it is", () => {
  const fleet = new Fleet();
  fleet.show([vehicle("a", 0), vehicle("b", 0)], 0, false);
  fleet.show([vehicle("b", 0), vehicle("c", 5)], 5, false);
  assert.deepEqual([...fleet.sights(5, 0)].map(({ position }) => position.id), ["b", "c"]);
  assert.equal(fleet.sight("a", 5, 0), null);
  assert.equal(fleet.isMoving(5), false);
  assert.equal(fleet.size, 2);
});

Deno.test("fleet: a minute without a position is stale, and a position ends that", () => {
  const fleet = new Fleet();
  fleet.show([vehicle("a", 0), vehicle("b", 30_000)], 30_000, false);
  assert.deepEqual(stale(fleet, 60_000), []);
  assert.deepEqual(stale(fleet, 60_001), ["a"]);
  assert.deepEqual(stale(fleet, 90_001), ["a", "b"]);
  fleet.show([vehicle("a", 90_000), vehicle("b", 30_000)], 90_001, false);
  assert.deepEqual(stale(fleet, 90_001), ["b"]);
});

Deno.test("fleet: a page whose clock is wrong takes nobody for stale", () => {
  const fleet = new Fleet();
  fleet.show([vehicle("a", 1_000_000)], 0, false);
  assert.deepEqual(stale(fleet, 50_000, 1_000_000), []);
  assert.equal(fleet.sight("a", 50_000, 1_000_000)?.age, 50_000);
  assert.equal(fleet.sight("a", 0, 0)?.age, 0);
});

Deno.test("fleet: it moves as long as one of them does", () => {
  const fleet = new Fleet();
  const still = vehicle("b", 0);
  fleet.show([vehicle("a", 0), still], 0, false);
  fleet.show([vehicle("a", 2_000, 10.001), still], 2_000, false);
  assert.deepEqual([fleet.isMoving(3_999), fleet.isMoving(4_000)], [true, false]);
  assert.ok(Math.abs((fleet.sight("a", 3_000, 0)?.lat ?? 0) - 10.0005) < 1e-9);
  fleet.show([vehicle("a", 6_000, 10.002), still], 6_000, true);
  assert.equal(fleet.isMoving(6_000), false);
});

Deno.test("fleet: where a vehicle says no speed, its positions do", () => {
  const fleet = new Fleet();
  fleet.show([vehicle("a", 0)], 0, false);
  assert.equal(fleet.speed("a"), 0);
  fleet.show([vehicle("a", 10_000, 10.001)], 10_000, false);
  assert.equal(Math.round(fleet.speed("a")), 11);
  fleet.show([{ ...vehicle("a", 20_000, 10.002), speed: 7 }], 20_000, false);
  assert.equal(fleet.speed("a"), 7);
  assert.equal(fleet.speed("nobody"), 0);
});
