/** The map that goes along with the vehicle; what to do takes its place where nothing can be shared. */
import { MapPlace } from "../map/map.tsx";
import type { Driver } from "./driver.ts";

/** It is loaded with the first position, into the place it has. */
export function FollowMap({ driver }: { driver: Driver }) {
  const { texts, sharing, fix, map } = driver;
  const { how } = texts.states[sharing.value.name];
  return (
    <div class="driver-map" data-covered={how === undefined ? undefined : ""}>
      {fix.value === null
        ? how === undefined && <p class="empty">{texts.map.note}</p>
        : <MapPlace model={map} />}
      <div class="driver-how" role="status">{how !== undefined && <p>{how}</p>}</div>
    </div>
  );
}
