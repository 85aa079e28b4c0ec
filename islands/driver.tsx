/// <reference lib="dom" />
/** The driver's script. */
import { DriverBadge } from "./driver/badge.tsx";
import { Driver, type DriverState } from "./driver/driver.ts";
import { DriverVisit } from "./driver/driver_visit.ts";
import { Entrance } from "./driver/entrance.tsx";
import { DriverPanel } from "./driver/panel.tsx";
import { ServerClock } from "./driver/server_clock.ts";
import { vehicleOf } from "./driver/vehicle.ts";
import { hydrateIslands } from "./island.tsx";
import { readPageState } from "./page_state.ts";
import { withToken } from "./visit.ts";

const state = readPageState<DriverState>(document);
const driver = new Driver(state);
hydrateIslands({
  badge: <DriverBadge driver={driver} />,
  gate: <Entrance driver={driver} />,
  driver: <DriverPanel driver={driver} />,
});
// The page was rendered a moment ago: so much later it is at least.
const clock = new ServerClock();
clock.learn(state.now, Date.now(), Date.now());
const tick = () => driver.now.value = Date.now();
tick();
setInterval(tick, 1_000);
withToken(driver.page, state.token, (token) => {
  const vehicle = vehicleOf(token, driver.asked);
  driver.vehicle.value = vehicle;
  if (vehicle === null) return () => {};
  const visit = new DriverVisit({ driver, vehicle, token, clock });
  return () => visit.close();
});
