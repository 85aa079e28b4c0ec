import type { VehiclePosition } from "../../lib/store/events.ts";
import type { Live } from "./live.ts";
import { Time } from "./orders.tsx";
import { Panel } from "./panel.tsx";

export function Vehicles({ live }: { live: Live }) {
  const { texts, vehicles } = live;
  return (
    <Panel
      live={live}
      id="vehicles"
      heading={texts.vehicles}
      count={vehicles.value.length}
      empty={texts.noVehicles}
    >
      {vehicles.value.map((one) => <Vehicle key={one.id} live={live} vehicle={one} />)}
    </Panel>
  );
}

function Vehicle({ live, vehicle }: { live: Live; vehicle: VehiclePosition }) {
  const { texts, format } = live;
  const { id, route, headsign, speed, at, lat, lon } = vehicle;
  const where = `${lat.toFixed(4)}, ${lon.toFixed(4)}`;
  const line = [route && `${texts.route} ${route}`, headsign, where].filter(Boolean).join(" · ");
  return (
    <li class="row" data-vehicle={id}>
      <span class="what">
        <b>{id}</b> <small>{line}</small>
      </span>
      <span class="amount">{format.speed(speed)}</span>
      <Time live={live} at={at} />
    </li>
  );
}
