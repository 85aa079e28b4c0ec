import type { VehiclePosition } from "../../lib/store/events.ts";
import type { Live } from "./live.ts";
import { Panel } from "./panel.tsx";

export function Vehicles({ live }: { live: Live }) {
  const { texts, vehicles } = live;
  return (
    <Panel
      live={live}
      id="vehicles"
      heading={texts.vehicles}
      list={vehicles}
      items={vehicles.items.value}
      empty={texts.noVehicles}
    >
      {(one) => <Vehicle live={live} vehicle={one} />}
    </Panel>
  );
}

function Vehicle({ live, vehicle }: { live: Live; vehicle: VehiclePosition }) {
  const { texts } = live;
  const { format } = live.page;
  const { id, route, headsign, speed, at, lat, lon } = vehicle;
  const name = [id, route && `${texts.route} ${route}`].filter(Boolean).join(" · ");
  const where = [headsign, `${lat.toFixed(4)}, ${lon.toFixed(4)}`].filter(Boolean).join(" · ");
  return (
    <div class="row" data-vehicle={id}>
      <b class="title" title={name}>{name}</b>
      <span class="side amount">{format.speed(speed)}</span>
      <small class="detail">{where}</small>
      <time dateTime={new Date(at).toISOString()}>{format.clock(at)}</time>
    </div>
  );
}
