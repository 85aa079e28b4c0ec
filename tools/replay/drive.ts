import { type Driver, dueOf } from "./fleet.ts";
import { noter, request, type Stage } from "./play.ts";

/** One driver reports no more often, as phones do, however dense the track and fast the replay. */
export const reportEveryMs = 1_000;

/** Drives all of them at once, each once round its way; or, with `forever`, round and round. */
export async function drive(
  stage: Stage,
  drivers: readonly Driver[],
  forever: boolean,
): Promise<void> {
  const total = drivers.reduce((sum, { way }) => sum + way.stops.length, 0);
  const note = noter(stage, total);
  let done = 0;
  await Promise.all(drivers.map(async (driver) => {
    await driveOne(stage, driver, forever, (stops) => {
      done += stops;
      return note((done - 1) % total + 1);
    });
  }));
}

/** @param passed told of how many stops have been passed since it was last told. */
async function driveOne(
  stage: Stage,
  driver: Driver,
  forever: boolean,
  passed: (stops: number) => Promise<void>,
): Promise<void> {
  const { id, way: { route, headsign, stops } } = driver;
  const path = `/store/vehicles/${encodeURIComponent(id)}/position`;
  const { time } = stage;
  const began = time.now();
  const end = forever ? Infinity : stops.length;
  let reportedAt = -Infinity;
  for (let n = 0; n < end;) {
    const due = dueOf(driver, n);
    if (due === undefined) return;
    const waitMs = Math.max(began + due.dueMs, reportedAt + reportEveryMs) - time.now();
    await time.sleep(Math.max(0, waitMs));
    // Where it is late, or need not tell each of them: the latest.
    const isPassed = (n: number) => began + (dueOf(driver, n)?.dueMs ?? Infinity) <= time.now();
    const from = n++;
    while (n < end && isPassed(n)) n++;
    const stop = dueOf(driver, n - 1)?.stop ?? due.stop;
    const { lat, lon, speed } = stop;
    reportedAt = time.now();
    // Without its time: for the server it happens now.
    await request(stage, "PUT", path, { lat, lon, speed, route, headsign });
    await passed(n - from);
  }
}
