/** Which of a way's positions may go with the least loss. */
import { along, distance, type Place } from "../map/geo.ts";

export interface Timed extends Place {
  /** Unix milliseconds. */
  readonly time: number;
}

/**
 * The place in the list of the position that says least: who goes from the one before to the one
 * after passes nearest to it, at its time. So the shape of the way stays, and where it was waited.
 * Never the first nor the last.
 * @param way of three or more, by time
 */
export function leastTelling(way: readonly Timed[]): number {
  let least = { index: 1, loss: Infinity };
  for (let index = 1; index < way.length - 1; index++) {
    const [before, one, after] = [way[index - 1], way[index], way[index + 1]];
    if (before === undefined || one === undefined || after === undefined) break;
    const span = after.time - before.time;
    const share = span > 0 ? (one.time - before.time) / span : 0;
    const loss = distance(one, along(before, after, share));
    if (loss < least.loss) least = { index, loss };
  }
  return least.index;
}
