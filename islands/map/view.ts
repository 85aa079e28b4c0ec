/** What of the world the map shows: all vehicles at first, then what the reader wants. */
import type { Place } from "./geo.ts";
import { latLng, type LatLngBounds, latLngBounds, type LeafletMap, point } from "./leaflet.ts";

/** Vehicles that come so soon after the first ones are among those to be seen at first. */
const gatherMs = 5_000;
/** As near as one vehicle alone is looked at. */
const nearZoom = 15;
/** A step of following takes about a quarter of a second. */
const stepMs = 500;

type Mode =
  | { readonly name: "gathering"; readonly since: number | null }
  | { readonly name: "free" }
  | { readonly name: "following" };

interface Saved {
  readonly centre: ReturnType<LeafletMap["getCenter"]>;
  readonly zoom: number;
}

export class View {
  readonly #map: LeafletMap;
  readonly #isStill: () => boolean;
  #mode: Mode = { name: "gathering", since: null };
  /** Where the reader was before a vehicle was chosen; undefined: the reader has moved on. */
  #before: Saved | undefined;
  #steppedAt = -Infinity;

  /**
   * @param buttons those that zoom
   * @param isStill motion is not wanted
   */
  constructor(map: LeafletMap, buttons: HTMLElement | undefined, isStill: () => boolean) {
    this.#map = map;
    this.#isStill = isStill;
    const moved = () => {
      this.#mode = { name: "free" };
      this.#before = undefined;
    };
    // Not by the map's own events: those tell of our movements as well.
    map.on("dragstart dblclick", moved);
    const container = map.getContainer();
    container.addEventListener("wheel", moved, { passive: true });
    container.addEventListener("keydown", ({ key }) => {
      if (/^Arrow|^[-+=]$/.test(key)) moved();
    });
    container.addEventListener("touchstart", ({ touches }) => {
      if (touches.length > 1) moved();
    }, { passive: true });
    buttons?.addEventListener("click", moved);
  }

  get isGathering(): boolean {
    return this.#mode.name === "gathering";
  }

  get isFollowing(): boolean {
    return this.#mode.name === "following";
  }

  /** Those that came; as long as they gather and the reader has not moved, all are in view. */
  gather(places: readonly Place[], now: number): void {
    if (this.#mode.name !== "gathering" || places.length === 0) return;
    const since = this.#mode.since ?? now;
    this.#mode = now - since > gatherMs ? { name: "free" } : { name: "gathering", since };
    const bounds = boundsOf(places);
    if (this.#mode.name === "free" || (since !== now && this.#sees(bounds))) return;
    this.#fit(bounds, false);
  }

  /** All are in view from now on until something moves. */
  seeAll(places: readonly Place[]): void {
    this.#mode = { name: "free" };
    this.#before = undefined;
    if (places.length > 0) this.#fit(boundsOf(places), !this.#isStill());
  }

  /** To a vehicle, and near enough to tell its street. */
  goTo({ lat, lon }: Place): void {
    if (this.#mode.name === "gathering") this.#mode = { name: "free" };
    this.#before ??= { centre: this.#map.getCenter(), zoom: this.#map.getZoom() };
    const zoom = Math.max(this.#map.getZoom(), nearZoom - 1);
    // Below the middle, for what is said of it stands above.
    const above = Math.min(60, this.#map.getSize().y / 6);
    const centre = this.#map.project([lat, lon], zoom).subtract([0, above]);
    this.#map.setView(this.#map.unproject(centre, zoom), zoom, { animate: !this.#isStill() });
  }

  /** To where the reader was before `goTo`, unless the reader has moved since. */
  goBack(): void {
    this.#mode = { name: "free" };
    const before = this.#before;
    this.#before = undefined;
    if (before === undefined) return;
    const { centre, zoom } = before;
    this.#map.setView(centre, zoom, { animate: !this.#isStill() });
  }

  follow(isWanted: boolean): void {
    this.#mode = { name: isWanted ? "following" : "free" };
  }

  /** Keeps a followed vehicle in the middle third, by few steps: a map that creeps tires the eye. */
  keepInView({ lat, lon }: Place, now: number): void {
    if (!this.isFollowing || now - this.#steppedAt < stepMs) return;
    const size = this.#map.getSize();
    const away = this.#map.latLngToContainerPoint([lat, lon]).subtract(size.divideBy(2));
    if (Math.abs(away.x) < size.x / 6 && Math.abs(away.y) < size.y / 6) return;
    this.#steppedAt = now;
    this.#map.panTo([lat, lon], { animate: !this.#isStill() });
  }

  #sees(bounds: LatLngBounds): boolean {
    return this.#map.getBounds().contains(bounds);
  }

  #fit(bounds: LatLngBounds, animate: boolean): void {
    const padding = point(24, 24);
    this.#map.fitBounds(bounds, { padding, maxZoom: nearZoom, animate });
  }
}

export function boundsOf(places: readonly Place[]): LatLngBounds {
  return latLngBounds(places.map(({ lat, lon }) => latLng(lat, lon)));
}
