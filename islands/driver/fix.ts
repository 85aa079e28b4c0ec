/// <reference lib="dom" />
/** Where the device says it is. */
import type { Place } from "../map/geo.ts";

export interface Fix extends Place {
  /** The place is true within so many metres, as the device thinks. */
  readonly accuracy: number;
  /** Metres per second; null: not known. */
  readonly speed: number | null;
  /** Degrees clockwise from north; null: not known, or it stands. */
  readonly heading: number | null;
  /** Unix milliseconds by this device's clock. */
  readonly time: number;
}

/** The part of a GeolocationPosition that counts. */
export interface Located {
  readonly coords: Pick<
    GeolocationCoordinates,
    "latitude" | "longitude" | "accuracy" | "speed" | "heading"
  >;
  readonly timestamp: number;
}

/** Some devices count their time from elsewhere: what is so old was measured now. */
const oldestMs = 10 * 60_000;
/** No vehicle is as fast; in metres per second. */
const fastest = 500;

/** null: what the device says is no place. @param now by this device's clock */
export function fixOf({ coords, timestamp }: Located, now: number): Fix | null {
  const { latitude: lat, longitude: lon, accuracy, speed, heading } = coords;
  if (!(Math.abs(lat) <= 90 && Math.abs(lon) <= 180)) return null;
  const isTrue = timestamp <= now && timestamp > now - oldestMs;
  return {
    lat,
    lon,
    accuracy: accuracy >= 0 ? accuracy : Infinity,
    speed: within(speed, fastest),
    heading: within(heading, 360),
    time: Math.floor(isTrue ? timestamp : now),
  };
}

/** Devices say null, NaN or -1 of what they do not know. */
function within(value: number | null, most: number): number | null {
  return value !== null && value >= 0 && value <= most ? value : null;
}
