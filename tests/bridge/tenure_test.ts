import assert from "node:assert/strict";
import { type Hold, Tenure } from "../../lib/bridge/tenure.ts";
import { FakeClock, FakeLeases, settle } from "./support.ts";

const name = "bridge a";
const everyMs = 2_000;

/** Nodes that want the same lease; `events` tells when each began and stopped to hold. */
function nodes() {
  const clock = new FakeClock();
  const leases = new FakeLeases(clock);
  const started = clock.now();
  const events: string[] = [];
  const holds: Hold[] = [];
  const errors: string[] = [];
  const at = () => clock.now() - started;
  const node = (id: string) => {
    const alive = { yes: true };
    const tenure = new Tenure({
      name,
      everyMs,
      leases: leases.of(id, () => alive.yes),
      clock,
      during: (hold) => {
        holds.push(hold);
        events.push(`${at()} ${id} holds`);
        return new Promise<void>((resolve) => {
          hold.signal.addEventListener("abort", () => {
            events.push(`${at()} ${id} stops`);
            resolve();
          });
        });
      },
      onError: (error, stage) => errors.push(`${stage}: ${error}`),
    });
    return { tenure, alive };
  };
  return { clock, leases, events, holds, errors, node };
}

Deno.test("tenure: holds at once and goes on holding", async () => {
  const { clock, events, node, leases, holds } = nodes();
  const { tenure } = node("a");
  tenure.start();
  await clock.advance(100_000);
  assert.deepEqual(events, ["0 a holds"]);
  assert.equal(tenure.state, "holding");
  assert.equal(leases.holder(name), "a");
  await tenure.end();
  assert.deepEqual(events.slice(1), ["100000 a stops"]);
  assert.equal(holds[0]?.valid, false);
  assert.equal(leases.holder(name), undefined);
  assert.equal(clock.waiting, 0);
});

Deno.test("tenure: one holds, and another follows within an interval when it ends", async () => {
  const { clock, events, node } = nodes();
  const [a, b] = [node("a"), node("b")];
  a.tenure.start();
  await clock.advance(500);
  b.tenure.start();
  await clock.advance(10_500);
  await a.tenure.end();
  await clock.advance(everyMs);
  assert.deepEqual(events, ["0 a holds", "11000 a stops", "12500 b holds"]);
  await b.tenure.end();
});

Deno.test("tenure: one that died is followed within three intervals", async () => {
  for (const offset of [0, 1, 500, 1_999]) {
    const { clock, events, node, holds } = nodes();
    const [a, b] = [node("a"), node("b")];
    a.tenure.start();
    await clock.advance(offset);
    b.tenure.start();
    await clock.advance(10_000 - offset);
    // It hears nothing and is not heard.
    a.alive.yes = false;
    await clock.advance(3 * everyMs);
    const took = events.find((event) => event.endsWith("b holds"));
    assert.ok(took !== undefined && Number.parseInt(took) <= 10_000 + 3 * everyMs, `${events}`);
    // It knows by itself when it is over, before another begins.
    assert.equal(holds[0]?.valid, false);
    const stopped = events.find((event) => event.endsWith("a stops")) ?? "";
    assert.ok(Number.parseInt(stopped) <= Number.parseInt(took), `${events}`);
    const ended = a.tenure.end();
    await clock.advance(2 * everyMs);
    await ended;
    await b.tenure.end();
    assert.equal(clock.waiting, 0);
  }
});

Deno.test("tenure: a holder that stalls knows that its hold is over, and begins another", async () => {
  const { clock, events, holds, node } = nodes();
  const { tenure } = node("a");
  tenure.start();
  await clock.advance(1_000);
  assert.equal(holds[0]?.valid, true);
  clock.stall(2 * everyMs);
  assert.equal(holds[0]?.valid, false);
  await clock.advance(0);
  assert.deepEqual(events, ["0 a holds", "5000 a stops", "5000 a holds"]);
  assert.deepEqual(holds.map(({ valid }) => valid), [false, true]);
  await tenure.end();
});

Deno.test("tenure: a renewal that fails ends the hold; it is asked for again", async () => {
  const { clock, events, errors, leases, node } = nodes();
  const { tenure } = node("a");
  tenure.start();
  await clock.advance(1_000);
  leases.failures.push(new Error("away"));
  await clock.advance(everyMs);
  assert.deepEqual(errors, ["bridge lease: Error: away"]);
  assert.equal(tenure.state, "without");
  await clock.advance(everyMs);
  assert.deepEqual(events, ["0 a holds", "2000 a stops", "4000 a holds"]);
  await tenure.end();
});

Deno.test("tenure: a lease of 1 s is the shortest", async () => {
  const clock = new FakeClock();
  const ttls: number[] = [];
  const leases = {
    lease: (_: string, ttlMs: number) => {
      ttls.push(ttlMs);
      return Promise.resolve(false);
    },
    unlease: () => Promise.reject(new Error("away")),
  };
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const during = () => Promise.resolve();
  const tenure = new Tenure({ name, everyMs: 100, leases, clock, during, onError });
  tenure.start();
  await clock.advance(1_000);
  assert.deepEqual(ttls, [1_000, 1_000, 1_000]);
  await tenure.end();
  assert.equal(errors.length, 1);
});

Deno.test("tenure: ending in the middle of asking leaves no lease behind", async () => {
  const { clock, events, leases, node } = nodes();
  const { tenure } = node("a");
  tenure.start();
  await tenure.end();
  await settle();
  assert.deepEqual(events, []);
  assert.equal(leases.holder(name), undefined);
  assert.equal(clock.waiting, 0);
});
