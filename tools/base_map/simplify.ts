import { distance, type Spot } from "./plane.ts";

/** The line with as few of its spots as keep all others within `tolerance` metres of it. */
export function simplify(line: readonly Spot[], tolerance: number): Spot[] {
  const [first, last] = [line[0], line.at(-1)];
  if (first === undefined || last === undefined || line.length < 3) return [...line];
  let farthest = 0;
  let most = tolerance;
  line.forEach((spot, i) => {
    const away = distanceToSegment(spot, first, last);
    if (away > most) [farthest, most] = [i, away];
  });
  if (farthest === 0) return [first, last];
  return [
    ...simplify(line.slice(0, farthest + 1), tolerance).slice(0, -1),
    ...simplify(line.slice(farthest), tolerance),
  ];
}

function distanceToSegment(spot: Spot, from: Spot, to: Spot): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((spot.x - from.x) * dx + (spot.y - from.y) * dy) / squared;
  const t = Math.min(1, Math.max(0, along));
  return distance(spot, { x: from.x + t * dx, y: from.y + t * dy });
}
