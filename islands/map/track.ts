/** How a vehicle is shown between the positions that it reports. */
import { along, bearing, distance, type Place, turn } from "./geo.ts";

export interface Report extends Place {
  /** When the vehicle was there, Unix milliseconds by the server's clock. */
  readonly at: number;
}

/** Where to draw the vehicle. */
export interface Sight extends Place {
  /** Degrees clockwise from north; null: it has not moved yet. */
  readonly heading: number | null;
}

/** Nobody waits longer to see a vehicle where it was. */
const maxGlideMs = 10_000;
const turnMs = 400;
/** Positions nearer to each other than this say nothing of a direction, in metres. */
const noise = 10;
/** A way longer than this, faster than this, was not driven: in metres and metres per second. */
const leap = { distance: 1_000, speed: 350 };

interface Glide {
  readonly from: Place;
  readonly fromHeading: number | null;
  readonly start: number;
  readonly duration: number;
}

/**
 * Shows the vehicle on its way from where it was seen to where it says it is, for as long as it took
 * between its last two reports: it is shown late, and never where it has not been. All times are the
 * page's own, in milliseconds.
 */
export class Track {
  #last: Report;
  #receivedAt: number;
  #glide: Glide;
  #heading: number | null = null;
  /** Where the heading was found last. */
  #anchor: Place;
  #speed: number | null = null;

  constructor(report: Report, now: number) {
    this.#last = this.#anchor = report;
    this.#receivedAt = now;
    this.#glide = this.#standing(now);
  }

  /** Metres per second between the last two reports; null: there are no two. */
  get speed(): number | null {
    return this.#speed;
  }

  /** @param jumps it is to be there at once */
  report(report: Report, now: number, jumps = false): void {
    if (report.at <= this.#last.at) return;
    const way = distance(this.#last, report);
    const speed = way * 1000 / (report.at - this.#last.at);
    const seen = this.sight(now);
    const gap = Math.min(now - this.#receivedAt, maxGlideMs);
    this.#receivedAt = now;
    this.#last = report;
    if (way > leap.distance && speed > leap.speed) {
      this.#speed = this.#heading = null;
      this.#anchor = report;
      this.#glide = this.#standing(now);
      return;
    }
    this.#speed = speed;
    if (distance(this.#anchor, report) >= noise) {
      this.#heading = bearing(this.#anchor, report);
      this.#anchor = report;
    }
    this.#glide = jumps || gap <= 0
      ? this.#standing(now)
      : { from: seen, fromHeading: seen.heading, start: now, duration: gap };
  }

  sight(now: number): Sight {
    const { from, fromHeading, start, duration } = this.#glide;
    const passed = Math.max(0, now - start);
    const place = passed >= duration ? this.#last : along(from, this.#last, passed / duration);
    const { lat, lon } = place;
    if (fromHeading === null || this.#heading === null || passed >= turnMs) {
      return { lat, lon, heading: this.#heading };
    }
    return { lat, lon, heading: turn(fromHeading, this.#heading, passed / turnMs) };
  }

  isMoving(now: number): boolean {
    return now < this.#glide.start + this.#glide.duration;
  }

  #standing(now: number): Glide {
    return { from: this.#last, fromHeading: this.#heading, start: now, duration: 0 };
  }
}
