/** Positions of one region as points in metres, on a plane that touches the earth in its middle. */
import type { Point } from "../../islands/map/polyline.ts";

/** East and north of the middle, in metres. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Plane {
  spot(point: Point): Spot;
  point(spot: Spot): Point;
}

const metresPerDegree = 111_195;

export function planeAround(points: readonly Point[]): Plane {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const lat0 = mean(([lat]) => lat);
  const lon0 = mean(([, lon]) => lon);
  const metresPerLon = metresPerDegree * Math.cos(lat0 * Math.PI / 180);
  return {
    spot: ([lat, lon]) => ({ x: (lon - lon0) * metresPerLon, y: (lat - lat0) * metresPerDegree }),
    point: ({ x, y }) => [lat0 + y / metresPerDegree, lon0 + x / metresPerLon],
  };
}

export function distance(a: Spot, b: Spot): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
