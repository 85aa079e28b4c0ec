import assert from "node:assert/strict";
import { fixOf } from "../../../islands/driver/fix.ts";
import {
  idle,
  isWatching,
  type SharingEvent,
  type SharingState,
  transition,
} from "../../../islands/driver/machine.ts";

type Name = SharingState["name"];
const start: SharingEvent = { name: "start", ability: "able" };
const located: SharingEvent = { name: "located", isLinked: true };
const locatedOffline: SharingEvent = { name: "located", isLinked: false };

/** Where these events lead from the beginning. */
function after(...events: readonly SharingEvent[]): Name {
  return events.reduce(transition, idle).name;
}

Deno.test("sharing: from consent through a dead spot and a tunnel to its end", () => {
  assert.equal(after(start), "asking");
  assert.equal(after(start, located), "sharing");
  assert.equal(after(start, located, { name: "undelivered" }), "offline");
  assert.equal(after(start, located, { name: "undelivered" }, locatedOffline), "offline");
  assert.equal(after(start, located, { name: "undelivered" }, { name: "delivered" }), "sharing");
  assert.equal(after(start, locatedOffline, { name: "lost" }), "unavailable");
  assert.equal(after(start, { name: "lost" }, located), "sharing");
  assert.equal(after(start, { name: "lost" }, { name: "delivered" }), "unavailable");
  assert.equal(after(start, located, { name: "stop" }), "idle");
});

Deno.test("sharing: what keeps it from being shared, and trying again", () => {
  assert.equal(after({ name: "start", ability: "insecure" }), "insecure");
  assert.equal(after({ name: "start", ability: "unsupported" }), "unsupported");
  assert.equal(after(start, { name: "denied" }), "denied");
  assert.equal(after(start, { name: "denied" }, start), "asking");
  assert.equal(after(start, located, { name: "refused" }), "refused");
  assert.equal(after(start, located, { name: "refused" }, start, located), "sharing");
});

Deno.test("sharing: what comes late changes nothing, and the device is left in peace", () => {
  const late: SharingEvent[] = [
    located,
    { name: "lost" },
    { name: "denied" },
    { name: "delivered" },
    { name: "undelivered" },
  ];
  const ends: SharingState[] = [idle, { name: "denied" }, { name: "insecure" }, {
    name: "refused",
  }];
  for (const state of ends) {
    assert.equal(isWatching(state), false);
    for (const event of late) assert.equal(transition(state, event), state, event.name);
  }
  const sharing = { name: "sharing" } as const;
  for (const event of [start, located, { name: "delivered" } as const]) {
    assert.equal(transition(sharing, event), sharing);
  }
});

Deno.test("a fix: what a device does not know, or says of another time, is not believed", () => {
  const now = 1_790_000_000_000;
  const coords = { latitude: 10, longitude: 106, accuracy: 4, speed: 3, heading: 90 };
  const good = fixOf({ coords, timestamp: now - 500.5 }, now);
  assert.deepEqual(good, {
    lat: 10,
    lon: 106,
    accuracy: 4,
    speed: 3,
    heading: 90,
    time: now - 501,
  });
  for (const timestamp of [0, NaN, now + 1, now - 3_600_000]) {
    assert.equal(fixOf({ coords, timestamp }, now)?.time, now, `${timestamp}`);
  }
  for (const odd of [null, NaN, -1, 1e9]) {
    const fix = fixOf({ coords: { ...coords, speed: odd, heading: odd }, timestamp: now }, now);
    assert.deepEqual([fix?.speed, fix?.heading], [null, null], `${odd}`);
  }
  for (const latitude of [NaN, 91, -Infinity]) {
    assert.equal(fixOf({ coords: { ...coords, latitude }, timestamp: now }, now), null);
  }
});
