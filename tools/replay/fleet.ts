import type { Stop, Way } from "./way.ts";

/** One who drives a way round: from a place on it to its end, then from its beginning. */
export interface Driver {
  /** Of the vehicle. */
  readonly id: string;
  readonly way: Way;
  /** Where on it the driver begins, in milliseconds from its beginning. */
  readonly from: number;
  /** The first stop from there on; as many as there are: it is that of the next round. */
  readonly first: number;
}

/** Drivers on the ways in turn; those who share one begin at equal distances in time on it. */
export function fleetOf(ways: readonly Way[], count: number): Driver[] {
  const drivers: Driver[] = [];
  for (const [i, way] of ways.entries()) {
    const { stops, lengthMs } = way;
    const sharing = Math.ceil((count - i) / ways.length);
    for (let k = 0; k < sharing; k++) {
      const from = lengthMs * k / sharing;
      const first = stops.findIndex(({ at }) => at >= from);
      const id = `driver-${k * ways.length + i + 1}`;
      drivers.push({ id, way, from, first: first < 0 ? stops.length : first });
    }
  }
  return drivers;
}

/** A stop, by the time since its driver began. */
export interface Due {
  readonly dueMs: number;
  readonly stop: Stop;
}

/** The driver's n-th stop, for ever round; undefined on a way without stops. */
export function dueOf(
  { way: { stops, lengthMs }, from, first }: Driver,
  n: number,
): Due | undefined {
  const index = first + n;
  const stop = stops[index % stops.length];
  if (stop === undefined) return undefined;
  return { dueMs: Math.floor(index / stops.length) * lengthMs + stop.at - from, stop };
}
