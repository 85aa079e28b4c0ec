/// <reference lib="dom" />
/** The ground of a map without tiles: lines and a grid in quiet colours. */
import type { BaseLines } from "./base.ts";
import type { Colours } from "./colours.ts";
import { canvas, type LeafletMap, type Polyline, polyline } from "./leaflet.ts";

/** Latitude and longitude; Leaflet wants to be able to change it. */
type Corner = [number, number];

/** In degrees. */
const gridSteps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45];
/** The grid's lines are at least so many pixels apart. */
const gridPixels = 96;

/** Where no lines are known, the grid alone still shows that the map moves. */
export class PlainBase {
  readonly #map: LeafletMap;
  readonly #grid: Polyline;
  readonly #lines: Polyline;

  constructor(map: LeafletMap, colours: Colours) {
    this.#map = map;
    const renderer = canvas({ padding: 0.3 });
    const options = { renderer, interactive: false };
    this.#grid = polyline([], { ...options, weight: 1, noClip: true, color: colours.grid });
    this.#lines = polyline([], { ...options, weight: 2, color: colours.line });
    this.#grid.addTo(map);
    this.#lines.addTo(map);
    map.on("moveend", () => this.#drawGrid());
  }

  show({ lines }: BaseLines): void {
    this.#lines.setLatLngs(lines.map((line) => line.map(([lat, lon]): Corner => [lat, lon])));
  }

  paint(colours: Colours): void {
    this.#grid.setStyle({ color: colours.grid });
    this.#lines.setStyle({ color: colours.line });
  }

  #drawGrid(): void {
    const bounds = this.#map.getBounds().pad(0.5);
    const [west, east] = [bounds.getWest(), bounds.getEast()];
    const [south, north] = [Math.max(bounds.getSouth(), -85), Math.min(bounds.getNorth(), 85)];
    const perPixel = (east - west) / 2 / this.#map.getSize().x;
    const step = gridSteps.find((one) => one >= perPixel * gridPixels);
    if (step === undefined) return;
    const lines: Corner[][] = [];
    for (let lon = Math.ceil(west / step) * step; lon < east; lon += step) {
      lines.push([[south, lon], [north, lon]]);
    }
    for (let lat = Math.ceil(south / step) * step; lat < north; lat += step) {
      lines.push([[lat, west], [lat, east]]);
    }
    this.#grid.setLatLngs(lines);
  }
}
