/// <reference lib="dom" />
/** What is on the map beside the map. */
import { Control, control, DomEvent, type LeafletMap } from "./leaflet.ts";
import type { MapTexts } from "./texts.ts";

/** @returns what holds its buttons */
export function addZoom(map: LeafletMap, { zoomIn, zoomOut }: MapTexts): HTMLElement | undefined {
  const zoom = control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  return zoom.getContainer();
}

export function addScale(map: LeafletMap): void {
  control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
}

export function addSeeAll(map: LeafletMap, { seeAll }: MapTexts, onClick: () => void): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "map-button map-see-all";
  button.textContent = seeAll;
  button.addEventListener("click", onClick);
  DomEvent.disableClickPropagation(button);
  add(map, "topright", button);
}

/**
 * Whose data it is, as text: Leaflet's own attribution would take it for markup. To be added once it
 * is known: another text would move it.
 */
export function addCredit(map: LeafletMap, whose: string): void {
  const credit = document.createElement("p");
  credit.className = "map-credit";
  credit.textContent = [whose, "Leaflet"].filter((one) => one !== "").join(" · ");
  add(map, "bottomright", credit);
}

function add(map: LeafletMap, position: "topright" | "bottomright", element: HTMLElement): void {
  const place = new Control({ position });
  place.onAdd = () => element;
  place.addTo(map);
}
