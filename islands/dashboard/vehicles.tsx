import type { VehiclePosition } from "../../lib/store/events.ts";
import { staleMs } from "../map/fleet.ts";
import type { MapModel } from "../map/model.ts";
import { Pick } from "../map/pick.tsx";
import type { Live } from "./live.ts";
import { Panel } from "./panel.tsx";
import { Search } from "./search.tsx";

interface VehiclesProps {
  readonly live: Live;
  readonly map: MapModel;
}

export function Vehicles({ live, map }: VehiclesProps) {
  const { texts, vehicles, vehicleFilter } = live;
  return (
    <Panel
      live={live}
      id="vehicles"
      heading={texts.vehicles}
      list={vehicles}
      items={live.shownVehicles.value}
      filter={vehicleFilter.value}
      empty={texts.noVehicles}
      aside={
        <Search
          live={live}
          label={texts.filterVehicles}
          value={vehicleFilter.value}
          onSearch={(text) => vehicleFilter.value = text}
        />
      }
    >
      {(one) => <Vehicle live={live} map={map} vehicle={one} />}
    </Panel>
  );
}

function Vehicle({ live, map, vehicle }: VehiclesProps & { readonly vehicle: VehiclePosition }) {
  const { texts } = live;
  const { format } = live.page;
  const { id, route, headsign, speed, at, lat, lon } = vehicle;
  const name = [id, route && `${texts.route} ${route}`].filter(Boolean).join(" · ");
  const isStale = live.now.value - at > staleMs;
  const where = [headsign, `${lat.toFixed(4)}, ${lon.toFixed(4)}`].filter(Boolean).join(" · ");
  return (
    <div class="row" data-vehicle={id}>
      <div class="line">
        <Pick model={map} id={id} title={name}>{name}</Pick>
        {isStale
          ? <span class="amount silent">{texts.noSignal}</span>
          : <span class="amount">{format.speed(speed)}</span>}
      </div>
      <div class="line">
        <small class="detail">{where}</small>
        <time dateTime={new Date(at).toISOString()}>{format.clock(at)}</time>
      </div>
    </div>
  );
}
