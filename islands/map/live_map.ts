/// <reference lib="dom" />
import type { VehiclePosition } from "../../lib/store/events.ts";
import { loadBase } from "./base.ts";
import { PlainBase } from "./base_layer.ts";
import { Card } from "./card.ts";
import { type Colours, coloursOf } from "./colours.ts";
import { addCredit, addScale, addSeeAll, addZoom } from "./controls.ts";
import { Fleet, type Sighted } from "./fleet.ts";
import { Frames } from "./frames.ts";
import { createMap, createPopup, type LeafletMap, type LeafletMouseEvent } from "./leaflet.ts";
import type { FleetMap, FleetMapOptions } from "./mod.ts";
import { ago } from "./texts.ts";
import { TilesLayer } from "./tiles_layer.ts";
import { VehiclesLayer } from "./vehicles_layer.ts";
import { boundsOf, View } from "./view.ts";

/** Near enough that routes' names do not cover each other. */
const labelZoom = 14;
/** More silent vehicles than this are told by their colour alone. */
const mostAges = 40;
/** Room for a vehicle's card around it, in pixels. */
const cardRoom = { beside: 130, above: 150, below: 30 } as const;

/** Draws while something moves, and once a second, for ages grow. */
export class LiveMap implements FleetMap {
  readonly #options: FleetMapOptions;
  readonly #element: HTMLElement;
  readonly #map: LeafletMap;
  readonly #view: View;
  readonly #fleet = new Fleet();
  readonly #layer: VehiclesLayer;
  readonly #card: Card;
  readonly #popup;
  readonly #base: PlainBase | null = null;
  readonly #stillness = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #ends: (() => void)[] = [];
  #colours: Colours;
  #next: Iterable<VehiclePosition> | null = null;
  readonly #frames = new Frames(() => this.#draw(Date.now()));
  #chosen: string | null = null;
  #staleCount = 0;
  #isClosed = false;

  constructor(element: HTMLElement, options: FleetMapOptions) {
    const { texts, tiles, format } = options;
    this.#options = options;
    this.#element = element;
    this.#colours = coloursOf(element);
    this.#map = createMap(element, mapOptions(tiles !== null, this.#stillness.matches));
    element.setAttribute("role", "region");
    element.setAttribute("aria-label", texts.keys);
    const zoom = addZoom(this.#map, texts);
    addSeeAll(this.#map, texts, () => this.#seeAll());
    addScale(this.#map);
    this.#view = new View(this.#map, zoom, () => this.#stillness.matches);
    this.#card = new Card(texts, format, {
      close: () => this.#letGo(),
      follow: () => this.#follow(),
    });
    this.#popup = createPopup({
      closeButton: false,
      closeOnClick: false,
      closeOnEscapeKey: false,
      autoPan: false,
      offset: [0, -6],
    }).setContent(this.#card.element);
    if (tiles === null) this.#base = this.#drawBase();
    else {
      new TilesLayer(tiles.template).addTo(this.#map);
      addCredit(this.#map, tiles.credit);
    }
    this.#layer = this.#drawVehicles();
    this.#listen();
  }

  show(vehicles: Iterable<VehiclePosition>): void {
    this.#next = vehicles;
    this.#frames.request();
  }

  focus(id: string | null): void {
    if (id === this.#chosen) return;
    this.#take();
    this.#chosen = id;
    const sight = this.#chosenSight();
    if (sight === null) this.#view.goBack();
    else this.#view.goTo(sight);
    if (sight !== null && this.#options.follows) this.#view.follow(true);
    this.#showCard(sight);
    this.#layer.draw();
  }

  close(): void {
    this.#isClosed = true;
    for (const end of this.#ends) end();
    this.#frames.stop();
    this.#map.remove();
  }

  #drawBase(): PlainBase {
    const base = new PlainBase(this.#map, this.#colours);
    // The grid is there without lines, and the vehicles are what matters.
    loadBase(this.#options.base).catch(() => ({ source: "", lines: [] })).then((lines) => {
      if (this.#isClosed) return;
      base.show(lines);
      addCredit(this.#map, lines.source);
      const [first] = lines.lines.flat();
      // Where there are no vehicles yet, they are most likely to come.
      if (this.#fleet.size > 0 || first === undefined) return;
      const places = lines.lines.flat().map(([lat, lon]) => ({ lat, lon }));
      this.#map.fitBounds(boundsOf(places), { animate: false });
    });
    return base;
  }

  #drawVehicles(): VehiclesLayer {
    const layer = new VehiclesLayer({
      sights: () => this.#fleet.sights(Date.now(), this.#ahead),
      label: ({ isStale, age, position }, zoom) => {
        if (isStale) return this.#staleCount > mostAges ? "" : ago(this.#options.texts, age);
        return zoom >= labelZoom ? position.route : "";
      },
      look: () => ({ chosen: this.#chosen, colours: this.#colours }),
    });
    layer.addTo(this.#map);
    return layer;
  }

  #listen(): void {
    const closing = new AbortController();
    const { signal } = closing;
    const map = this.#map;
    map.on("click", ({ containerPoint }: LeafletMouseEvent) => {
      const id = this.#layer.find(containerPoint);
      if (id === null) this.#letGo();
      else this.#choose(id);
    });
    map.on("mousemove", ({ containerPoint }: LeafletMouseEvent) => {
      this.#element.style.cursor = this.#layer.find(containerPoint) === null ? "" : "pointer";
    });
    this.#element.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#letGo();
    }, { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#colours = coloursOf(this.#element);
      this.#base?.paint(this.#colours);
      this.#layer.draw();
    }, { signal });
    const sizes = new ResizeObserver(() => map.invalidateSize({ animate: false }));
    sizes.observe(this.#element);
    const clock = setInterval(() => this.#frames.request(), 1_000);
    this.#ends.push(() => closing.abort(), () => sizes.disconnect(), () => clearInterval(clock));
  }

  get #ahead(): number {
    return this.#options.ahead?.() ?? 0;
  }

  #draw(now: number): void {
    this.#take();
    this.#staleCount = 0;
    for (const { isStale } of this.#fleet.sights(now, this.#ahead)) {
      if (isStale) this.#staleCount += 1;
    }
    this.#frames.rest(this.#layer.update());
    const sight = this.#chosenSight();
    if (sight !== null) this.#view.keepInView(sight, now);
    this.#showCard(sight);
    if (this.#fleet.isMoving(now)) this.#frames.request();
  }

  /** Takes over what has come since the last frame. */
  #take(): void {
    if (this.#next === null) return;
    const now = Date.now();
    this.#fleet.show(this.#next, now, this.#stillness.matches);
    this.#next = null;
    if (this.#view.isGathering) this.#view.gather(this.#places(), now);
    if (this.#chosen !== null && this.#chosenSight() === null) this.#letGo();
  }

  #places(): Sighted[] {
    return [...this.#fleet.sights(Date.now(), this.#ahead)];
  }

  #chosenSight(): Sighted | null {
    return this.#chosen === null ? null : this.#fleet.sight(this.#chosen, Date.now(), this.#ahead);
  }

  #showCard(sight: Sighted | null): void {
    if (sight === null || this.#options.follows) {
      if (this.#popup.isOpen()) this.#popup.remove();
      return;
    }
    this.#card.show(sight, this.#fleet.speed(sight.position.id), this.#view.isFollowing);
    this.#popup.setLatLng([sight.lat, sight.lon]);
    if (!this.#popup.isOpen()) this.#popup.openOn(this.#map);
  }

  #seeAll(): void {
    const all = this.#places();
    const sight = this.#options.follows ? this.#chosenSight() ?? all[0] : undefined;
    if (sight === undefined) return this.#view.seeAll(all);
    this.#chosen = sight.position.id;
    this.#view.goTo(sight);
    this.#view.follow(true);
    this.#layer.draw();
  }

  #choose(id: string): void {
    this.#chosen = id;
    const sight = this.#chosenSight();
    if (sight !== null) {
      const animate = !this.#stillness.matches;
      this.#map.panInside([sight.lat, sight.lon], { ...roomFor(this.#map), animate });
    }
    this.#showCard(sight);
    this.#layer.draw();
    this.#options.onChoose?.(id);
  }

  #letGo(): void {
    if (this.#chosen === null) return;
    this.focus(null);
    this.#options.onChoose?.(null);
  }

  #follow(): void {
    this.#view.follow(!this.#view.isFollowing);
    const sight = this.#chosenSight();
    if (sight !== null && this.#view.isFollowing) this.#view.goTo(sight);
    this.#showCard(sight);
  }
}

function mapOptions(hasTiles: boolean, isStill: boolean) {
  return {
    // Tiles are sharp at whole zooms alone.
    zoomSnap: hasTiles ? 1 : 0.5,
    zoomControl: false,
    attributionControl: false,
    fadeAnimation: !isStill,
    zoomAnimation: !isStill,
    inertia: !isStill,
    minZoom: 2,
    maxZoom: 19,
    center: [0, 0] as [number, number],
    zoom: 2,
  };
}

/** On a map that is too small for a card, as much as there is. */
function roomFor(map: LeafletMap) {
  const { x, y } = map.getSize();
  const beside = Math.min(cardRoom.beside, x / 2 - 10);
  return {
    paddingTopLeft: [beside, Math.min(cardRoom.above, y - 50)] as [number, number],
    paddingBottomRight: [beside, cardRoom.below] as [number, number],
  };
}
