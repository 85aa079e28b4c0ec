/** Distances and directions on the earth, for ways as short as a vehicle's. */

export interface Place {
  /** Degrees. */
  readonly lat: number;
  readonly lon: number;
}

const metresPerDegree = 111_195;

/** East and north in metres. */
function between(from: Place, to: Place): readonly [east: number, north: number] {
  const perLon = metresPerDegree * Math.cos((from.lat + to.lat) / 2 * Math.PI / 180);
  return [shortWay(to.lon - from.lon) * perLon, (to.lat - from.lat) * metresPerDegree];
}

/** In metres. */
export function distance(from: Place, to: Place): number {
  return Math.hypot(...between(from, to));
}

/** Degrees clockwise from north, from 0 to below 360. */
export function bearing(from: Place, to: Place): number {
  const [east, north] = between(from, to);
  return (Math.atan2(east, north) * 180 / Math.PI + 360) % 360;
}

/** @param share 0 is `from`, 1 is `to` */
export function along(from: Place, to: Place, share: number): Place {
  const lon = from.lon + shortWay(to.lon - from.lon) * share;
  return { lat: from.lat + (to.lat - from.lat) * share, lon: shortWay(lon) };
}

/** The direction that is `share` of the shorter turn from one to the other. */
export function turn(from: number, to: number, share: number): number {
  return (from + shortWay(to - from) * share + 360) % 360;
}

/** The same difference of degrees, the shorter way round: from -180 to 180. */
function shortWay(degrees: number): number {
  return degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees;
}
