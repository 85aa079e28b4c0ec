import { distance, type Spot } from "./plane.ts";

export interface Gathered {
  /** The mean of each group. */
  readonly nodes: readonly Spot[];
  /** For each spot the index of its node. */
  readonly nodeOf: readonly number[];
}

/** Spots within `radius` metres of a group's first one are one place, seen several times. */
export function gather(spots: readonly Spot[], radius: number): Gathered {
  const groups: { readonly first: Spot; x: number; y: number; count: number }[] = [];
  const cells = new Map<string, number[]>();
  const nodeOf = spots.map((spot) => {
    const [column, row] = [Math.floor(spot.x / radius), Math.floor(spot.y / radius)];
    let best = -1;
    let least = radius;
    for (let i = -1; i <= 1; i++) {
      for (let j = -1; j <= 1; j++) {
        for (const index of cells.get(`${column + i} ${row + j}`) ?? []) {
          const group = groups[index];
          const away = group === undefined ? Infinity : distance(group.first, spot);
          if (away < least) [best, least] = [index, away];
        }
      }
    }
    const known = groups[best];
    if (known !== undefined) {
      known.x += spot.x;
      known.y += spot.y;
      known.count += 1;
      return best;
    }
    groups.push({ first: spot, ...spot, count: 1 });
    const cell = `${column} ${row}`;
    cells.set(cell, [...cells.get(cell) ?? [], groups.length - 1]);
    return groups.length - 1;
  });
  const nodes = groups.map(({ x, y, count }) => ({ x: x / count, y: y / count }));
  return { nodes, nodeOf };
}
