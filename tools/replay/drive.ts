import { type Driver, dueOf } from "./fleet.ts";
import { noter, request, type Stage } from "./play.ts";
import { Turns } from "./turns.ts";

/** One driver reports no more often, as phones do, however dense the track and fast the replay. */
export const reportEveryMs = 1_000;
/** Requests under way: more would only wait for each other at the server. */
const maxRequests = 16;

interface Fleet {
  readonly stage: Stage;
  readonly forever: boolean;
  readonly requests: Turns;
  /** Told of how many stops have been passed since it was last told. */
  readonly passed: (stops: number) => Promise<void>;
}

/** Drives all of them at once, each once round its way; or, with `forever`, round and round. */
export async function drive(
  stage: Stage,
  drivers: readonly Driver[],
  forever: boolean,
): Promise<void> {
  const total = drivers.reduce((sum, { way }) => sum + way.stops.length, 0);
  const note = noter(stage, total);
  let done = 0;
  const passed = (stops: number) => {
    done += stops;
    return note((done - 1) % total + 1);
  };
  const fleet = { stage, forever, requests: new Turns(maxRequests), passed };
  await Promise.all(drivers.map((driver) => driveOne(fleet, driver)));
}

async function driveOne(fleet: Fleet, driver: Driver): Promise<void> {
  const { stage: { time }, forever, requests } = fleet;
  const began = time.now();
  const end = forever ? Infinity : driver.way.stops.length;
  const dueAt = (n: number) => began + (dueOf(driver, n)?.dueMs ?? Infinity);
  let reportedAt = -Infinity;
  for (let n = 0; n < end;) {
    const waitMs = Math.max(dueAt(n), reportedAt + reportEveryMs) - time.now();
    await time.sleep(Math.max(0, waitMs));
    n = await requests.take(async () => {
      // Where it is late, or need not tell each of them: the latest.
      let next = n + 1;
      while (next < end && dueAt(next) <= time.now()) next++;
      reportedAt = time.now();
      await report(fleet, driver, next - 1);
      await fleet.passed(next - n);
      return next;
    });
  }
}

async function report({ stage }: Fleet, driver: Driver, n: number): Promise<void> {
  const { id, way: { route, headsign } } = driver;
  const stop = dueOf(driver, n)?.stop;
  if (stop === undefined) return;
  const { lat, lon, speed } = stop;
  const path = `/store/vehicles/${encodeURIComponent(id)}/position`;
  // Without its time: for the server it happens now.
  await request(stage, "PUT", path, { lat, lon, speed, route, headsign });
}
