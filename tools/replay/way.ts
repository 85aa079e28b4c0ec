import type { GpxTrack, TrackPoint } from "./gpx.ts";

/** Where a driver is to be, and when. */
export interface Stop {
  /** Milliseconds of the replay since the track's beginning. */
  readonly at: number;
  readonly lat: number;
  readonly lon: number;
  /** metres per second */
  readonly speed: number;
}

/** A track as it is driven. */
export interface Way {
  readonly route: string;
  readonly headsign: string;
  readonly stops: readonly Stop[];
  /** From its beginning until it may begin again. */
  readonly lengthMs: number;
}

export interface Driving {
  /** How much faster than recorded. */
  readonly speed: number;
  /** Metres per second, of a track without times. */
  readonly pace: number;
  /** No pause is longer in the replay, whatever was recorded. */
  readonly maxGapMs: number;
}

/** Whether it says of all its points when it was there. */
export function isTimed({ points }: GpxTrack): boolean {
  return points.every(({ time }) => time !== null);
}

/** The server takes no faster vehicle; what seems faster is a jump of the receiver. */
const maxSpeed = 500;

export function wayOf(track: GpxTrack, { speed, pace, maxGapMs }: Driving): Way {
  const timed = isTimed(track);
  const stops: Stop[] = [];
  let before: TrackPoint | undefined;
  let at = 0;
  let driven = timed ? 0 : pace;
  for (const point of track.points) {
    const metres = before === undefined ? 0 : distance(before, point);
    // Receivers' clocks are set back now and then.
    const ms = timed
      ? Math.max(0, (point.time ?? 0) - (before?.time ?? point.time ?? 0))
      : metres / pace * 1_000;
    if (ms > 0) driven = Math.min(maxSpeed, metres / ms * 1_000);
    at += Math.min(maxGapMs, ms / speed);
    stops.push({ at, lat: point.lat, lon: point.lon, speed: Math.round(driven * 100) / 100 });
    before = point;
  }
  return {
    route: lineOf(track.number, 32),
    headsign: lineOf(track.name, 100),
    stops,
    lengthMs: at + maxGapMs,
  };
}

const earthRadius = 6_371_000;

/** In metres, over the earth as a ball. */
function distance(a: TrackPoint, b: TrackPoint): number {
  const radians = Math.PI / 180;
  const dLat = (b.lat - a.lat) * radians;
  const dLon = (b.lon - a.lon) * radians;
  const h = Math.sin(dLat / 2) ** 2 +
    Math.cos(a.lat * radians) * Math.cos(b.lat * radians) * Math.sin(dLon / 2) ** 2;
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** As the server takes it: one line, so long at most. */
function lineOf(text: string, most: number): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, most).toWellFormed().trim();
}
