// @ts-types="./sax.d.ts"
import sax from "sax";
import type { QualifiedTag } from "./sax.d.ts";

export interface TrackPoint {
  readonly lat: number;
  readonly lon: number;
  /** Unix milliseconds; null: it was not recorded. */
  readonly time: number | null;
}

/** What one device recorded, in its order. */
export interface GpxTrack {
  /** Empty where it has none. */
  readonly name: string;
  /** That of a route, where it was driven along one; empty where it has none. */
  readonly number: string;
  /** Of all its segments. */
  readonly points: readonly TrackPoint[];
}

/** Of one file. */
export const maxPoints = 1_000_000;
/** Elements within each other: GPX itself needs six, extensions a few more. */
const maxDepth = 100;

/** Those that have the elements that are read here alike; many programs write none. */
const namespaces = [
  "http://www.topografix.com/GPX/1/1",
  "http://www.topografix.com/GPX/1/0",
  "",
];

/** Reads the tracks of a GPX file that have points. @throws Error naming the line at fault */
export function parseGpx(text: string): GpxTrack[] {
  const reader = new Reader();
  reader.read(text);
  if (reader.tracks.length > 0) return reader.tracks;
  throw new Error("it has no track with a point (trk, trkseg, trkpt)");
}

interface Track {
  name: string;
  number: string;
  readonly points: { lat: number; lon: number; time: number | null }[];
}

class Reader {
  readonly tracks: GpxTrack[] = [];
  readonly #parser = sax.parser(true, { xmlns: true, position: true });
  #path: string[] = [];
  #track: Track = { name: "", number: "", points: [] };
  #text = "";
  #points = 0;

  constructor() {
    const parser = this.#parser;
    parser.onerror = ({ message }) => this.#fail(message.split("\n")[0] ?? "");
    parser.onopentag = (tag) => this.#open(tag);
    parser.onclosetag = () => this.#close();
    parser.ontext = parser.oncdata = (text) => void (this.#text += text);
  }

  read(text: string): void {
    this.#parser.write(text).close();
  }

  #open(tag: QualifiedTag): void {
    const { local, uri } = tag;
    const isGpx = namespaces.includes(uri);
    if (this.#path.length === 0 && !(isGpx && local === "gpx")) {
      const named = uri === "" ? "" : ` of namespace "${uri.slice(0, 100)}"`;
      this.#fail(
        `the root element is <${local.slice(0, 100)}>${named}; it must be GPX 1.1's <gpx>`,
      );
    }
    if (this.#path.length === maxDepth) this.#fail(`elements are nested ${maxDepth} deep and more`);
    this.#path.push(isGpx ? local : `{${uri}}${local}`);
    this.#text = "";
    switch (this.#where) {
      case "gpx/trk":
        this.#track = { name: "", number: "", points: [] };
        break;
      case "gpx/trk/trkseg/trkpt":
        this.#add(tag);
    }
  }

  #close(): void {
    const text = this.#text.trim();
    switch (this.#where) {
      case "gpx/trk":
        if (this.#track.points.length > 0) this.tracks.push(this.#track);
        break;
      case "gpx/trk/name":
        this.#track.name = text;
        break;
      case "gpx/trk/number":
        this.#track.number = text;
        break;
      case "gpx/trk/trkseg/trkpt/time": {
        const point = this.#track.points.at(-1);
        if (point !== undefined) point.time = this.#timeIn(text);
      }
    }
    this.#path.pop();
    this.#text = "";
  }

  #add({ attributes }: QualifiedTag): void {
    if (++this.#points > maxPoints) this.#fail(`it has more than ${maxPoints} points`);
    const lat = this.#degrees("lat", attributes["lat"]?.value, 90);
    const lon = this.#degrees("lon", attributes["lon"]?.value, 180);
    this.#track.points.push({ lat, lon, time: null });
  }

  #degrees(name: string, text: string | undefined, most: number): number {
    if (text === undefined) return this.#fail(`a trkpt has no ${name}`);
    const value = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
    if (Math.abs(value) <= most) return value;
    return this.#fail(`${name} must be a number from -${most} to ${most}, not "${short(text)}"`);
  }

  #timeIn(text: string): number {
    const [, dateAndTime, zone = "Z"] =
      /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
    const time = Date.parse(`${dateAndTime}${zone}`);
    if (Number.isFinite(time)) return time;
    return this.#fail(`time must be one such as 2015-03-07T13:30:16Z, not "${short(text)}"`);
  }

  /** From the root on; what is of other namespaces is none of the elements that are read. */
  get #where(): string {
    return this.#path.join("/");
  }

  #fail(what: string): never {
    throw new Error(`line ${this.#parser.line + 1}: ${what}`);
  }
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
