/** All vehicles of the map, as they are to be shown at a moment. */
import type { VehiclePosition } from "../../lib/store/events.ts";
import { type Sight, Track } from "./track.ts";

/** A vehicle that has not reported for longer is shown as stale: nobody knows where it is now. */
export const staleMs = 60_000;

export interface Sighted extends Sight {
  readonly position: VehiclePosition;
  /** Since it was there, in milliseconds; never below 0. */
  readonly age: number;
  readonly isStale: boolean;
}

interface Vehicle {
  position: VehiclePosition;
  readonly track: Track;
}

export class Fleet {
  readonly #vehicles = new Map<string, Vehicle>();

  get size(): number {
    return this.#vehicles.size;
  }

  /**
   * Those that are not among them are gone.
   * @param now by the page's clock
   * @param jumps they are to be there at once
   */
  show(positions: Iterable<VehiclePosition>, now: number, jumps: boolean): void {
    const gone = new Set(this.#vehicles.keys());
    for (const position of positions) {
      gone.delete(position.id);
      const known = this.#vehicles.get(position.id);
      if (known === undefined) {
        this.#vehicles.set(position.id, { position, track: new Track(position, now) });
      } else if (known.position !== position) {
        known.position = position;
        known.track.report(position, now, jumps);
      }
    }
    for (const id of gone) this.#vehicles.delete(id);
  }

  /** @param ahead how much later it is by the server's clock than by the page's, in milliseconds */
  *sights(now: number, ahead: number): Generator<Sighted> {
    for (const vehicle of this.#vehicles.values()) yield sighted(vehicle, now, ahead);
  }

  sight(id: string, now: number, ahead: number): Sighted | null {
    const vehicle = this.#vehicles.get(id);
    return vehicle === undefined ? null : sighted(vehicle, now, ahead);
  }

  /** Metres per second: what the vehicle says, else what its positions say. */
  speed(id: string): number {
    const vehicle = this.#vehicles.get(id);
    return vehicle === undefined ? 0 : vehicle.position.speed || vehicle.track.speed || 0;
  }

  isMoving(now: number): boolean {
    for (const { track } of this.#vehicles.values()) if (track.isMoving(now)) return true;
    return false;
  }
}

function sighted({ position, track }: Vehicle, now: number, ahead: number): Sighted {
  const age = Math.max(0, now + ahead - position.at);
  return { ...track.sight(now), position, age, isStale: age > staleMs };
}
