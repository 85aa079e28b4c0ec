/// <reference lib="dom" />
/** The vehicles, on one canvas that is always as large as the map's view. */
import { untilBeat } from "../beat.ts";
import type { Colours } from "./colours.ts";
import type { Sighted } from "./fleet.ts";
import {
  DomUtil,
  Layer,
  type LeafletMap,
  type PixelPoint,
  point,
  type ZoomAnimEvent,
} from "./leaflet.ts";
import { drawLabels, drawMarker, type Marker, radiusAt } from "./marker.ts";

export interface VehiclesSource {
  /** As they are to be seen now. */
  sights(): Iterable<Sighted>;
  label(sight: Sighted, zoom: number): string;
  look(): { readonly chosen: string | null; readonly colours: Colours };
}

/** Nobody sees a vehicle move by less, in pixels, or turn by less, in degrees. */
const least = { pixels: 0.5, degrees: 2 } as const;
/** As long as a frame is waited for at most: turns and what is new are seen soon. */
const longestMs = 100;
/** Many in view are far away: no eye needs more than twenty frames of them in a second. */
const crowd = { size: 40, restMs: 50 } as const;
/** Nor more than thirty of a few. */
const shortestMs = 1_000 / 30;
const frameMs = 16;
/** Beyond the view's edge a marker still shows. */
const margin = 60;
/** How far from its middle one may touch a marker. */
const reach = 16;

interface View {
  readonly centre: ReturnType<LeafletMap["getCenter"]>;
  readonly zoom: number;
}

export class VehiclesLayer extends Layer {
  readonly #source: VehiclesSource;
  readonly #canvas = document.createElement("canvas");
  readonly #drawn = new Map<string, Marker>();
  #drawnAt = 0;
  #map: LeafletMap | undefined;
  /** What the canvas shows. */
  #view: View | undefined;
  #isZooming = false;

  constructor(source: VehiclesSource) {
    super();
    this.#source = source;
    this.#canvas.className = "map-vehicles leaflet-zoom-animated";
    this.#canvas.setAttribute("aria-hidden", "true");
  }

  override onAdd(map: LeafletMap): this {
    this.#map = map;
    const pane = map.getPane("vehicles") ?? map.createPane("vehicles");
    pane.append(this.#canvas);
    map.on("zoomanim", this.#zoomTo, this);
    this.draw();
    return this;
  }

  override onRemove(map: LeafletMap): this {
    map.off("zoomanim", this.#zoomTo, this);
    this.#canvas.remove();
    this.#map = undefined;
    return this;
  }

  override getEvents() {
    const draw = () => this.draw();
    const zoomend = () => {
      this.#isZooming = false;
      draw();
    };
    return { move: draw, viewreset: draw, resize: draw, zoomend };
  }

  /**
   * Draws them anew if that would be seen.
   * @returns how many milliseconds the fastest of them takes until one sees it move again
   */
  update(): number {
    const markers = this.#markers();
    if (markers === null) return 0;
    const most = this.#mostMoved(markers);
    const passed = performance.now() - this.#drawnAt;
    if (most >= least.pixels || this.#differ(markers)) this.#draw(markers);
    const shortest = markers.size > crowd.size ? crowd.restMs : shortestMs;
    const untilSeen = Math.max(shortest, passed * least.pixels / most);
    const rest = Math.min(longestMs, untilSeen - frameMs);
    return markers.size > crowd.size ? untilBeat(rest) : rest;
  }

  draw(): void {
    const markers = this.#markers();
    if (markers !== null) this.#draw(markers);
  }

  /** The id of the vehicle nearest to there, of those that are drawn; null: there is none. */
  find({ x, y }: PixelPoint): string | null {
    let nearest: string | null = null;
    let shortest = reach;
    for (const [id, marker] of this.#drawn) {
      const away = Math.hypot(marker.x - x, marker.y - y);
      if (away <= shortest) [nearest, shortest] = [id, away];
    }
    return nearest;
  }

  /** null: there is nothing to draw on, or what is drawn is being stretched. */
  #markers(): Map<string, Marker> | null {
    if (this.#map === undefined || this.#isZooming) return null;
    const { x: width, y: height } = this.#map.getSize();
    const zoom = this.#map.getZoom();
    const { chosen } = this.#source.look();
    const radius = radiusAt(zoom);
    const markers = new Map<string, Marker>();
    for (const sight of this.#source.sights()) {
      const { x, y } = this.#map.latLngToContainerPoint([sight.lat, sight.lon]);
      if (x < -margin || y < -margin || x > width + margin || y > height + margin) continue;
      const { heading, isStale, position: { id } } = sight;
      const label = this.#source.label(sight, zoom);
      markers.set(id, { x, y, heading, radius, isStale, isChosen: id === chosen, label });
    }
    return markers;
  }

  /** The longest way of one of them since they were drawn, in pixels. */
  #mostMoved(markers: ReadonlyMap<string, Marker>): number {
    let most = 0;
    for (const [id, now] of markers) {
      const then = this.#drawn.get(id);
      if (then !== undefined) most = Math.max(most, Math.hypot(then.x - now.x, then.y - now.y));
    }
    return most;
  }

  /** In more than their places. */
  #differ(markers: ReadonlyMap<string, Marker>): boolean {
    if (markers.size !== this.#drawn.size) return true;
    for (const [id, now] of markers) {
      const then = this.#drawn.get(id);
      if (then === undefined || differ(then, now)) return true;
    }
    return false;
  }

  #draw(markers: ReadonlyMap<string, Marker>): void {
    const map = this.#map;
    const context = this.#canvas.getContext("2d");
    if (map === undefined || context === null) return;
    this.#place(map, context);
    const { colours } = this.#source.look();
    this.#drawn.clear();
    this.#drawnAt = performance.now();
    // Whom one looks for is above the others, and so are those that one may have to.
    const rank = (one: Marker) => Number(one.isChosen) * 2 + Number(one.isStale);
    for (const [id, marker] of [...markers].sort(([, a], [, b]) => rank(a) - rank(b))) {
      drawMarker(context, marker, colours);
      this.#drawn.set(id, marker);
    }
    drawLabels(context, [...this.#drawn.values()].reverse(), colours);
  }

  /** Puts the canvas, empty, where the view is. */
  #place(map: LeafletMap, context: CanvasRenderingContext2D): void {
    const { x: width, y: height } = map.getSize();
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
    const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== columns || this.#canvas.height !== rows) {
      this.#canvas.width = columns;
      this.#canvas.height = rows;
      this.#canvas.style.width = `${width}px`;
      this.#canvas.style.height = `${height}px`;
    }
    DomUtil.setTransform(this.#canvas, map.containerPointToLayerPoint([0, 0]), 1);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.#view = { centre: map.getCenter(), zoom: map.getZoom() };
  }

  /** Stretches what is drawn with all else, until the new view is there. */
  #zoomTo({ center, zoom }: ZoomAnimEvent): void {
    const [map, view] = [this.#map, this.#view];
    if (map === undefined || view === undefined) return;
    this.#isZooming = true;
    const scale = map.getZoomScale(zoom, view.zoom);
    const half = map.getSize().divideBy(2);
    const shift = map.project(view.centre, view.zoom).subtract(half).multiplyBy(scale)
      .subtract(map.project(center, zoom)).add(half);
    const corner = point(map.containerPointToLayerPoint([0, 0]));
    DomUtil.setTransform(this.#canvas, corner.add(shift), scale);
  }
}

function differ(then: Marker, now: Marker): boolean {
  return then.isStale !== now.isStale || then.isChosen !== now.isChosen ||
    then.label !== now.label ||
    Math.abs((then.heading ?? -9) - (now.heading ?? -9)) >= least.degrees;
}
