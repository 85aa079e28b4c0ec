/// <reference lib="dom" />
/** Brings the map to its place on a page, once that is seen or a vehicle is chosen. */
import { effect, type Signal } from "@preact/signals";
import { loadMap } from "./load.ts";
import type { FleetMap } from "./mod.ts";
import type { MapModel } from "./model.ts";

export type Stage = "waiting" | "loading" | "open" | "failed";

/** So far beyond the edge of the window it is loaded already. */
const rootMargin = "200px";

/** @returns what ends it */
export function attachMap(
  place: HTMLElement,
  model: MapModel,
  stage: Signal<Stage>,
): () => void {
  let map: FleetMap | undefined;
  let isOver = false;
  const open = async () => {
    try {
      const { openFleetMap } = await loadMap(model.assets);
      if (isOver) return;
      map = openFleetMap(place, {
        ...model.assets,
        texts: model.texts,
        follows: model.follows,
        format: () => model.page.format,
        ahead: () => model.ahead,
        onChoose: (id) => model.chosen.value = id,
      });
      stage.value = "open";
    } catch {
      stage.value = "failed";
    }
  };
  const seen = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) start();
  }, { rootMargin });
  const start = () => {
    seen.disconnect();
    if (stage.value === "waiting") stage.value = "loading";
  };
  seen.observe(place);
  const ends = [
    effect(() => {
      if (stage.value === "loading") open();
    }),
    effect(() => {
      if (model.chosen.value !== null) start();
    }),
    effect(() => {
      if (stage.value === "open" && model.known.value !== null) {
        map?.show(model.known.value.vehicles.values());
      }
    }),
    effect(() => {
      const { value: chosen } = model.chosen;
      if (stage.value === "open") map?.focus(chosen);
    }),
    giveBack(place, model),
    () => seen.disconnect(),
  ];
  return () => {
    isOver = true;
    for (const end of ends) end();
    map?.close();
    stage.value = "waiting";
  };
}

/**
 * Escape lets go of a chosen vehicle, wherever one is on the page; and who has chosen it elsewhere
 * than on the map is brought there again.
 */
function giveBack(place: HTMLElement, { chosen }: MapModel): () => void {
  let from: HTMLElement | null = null;
  const onKey = ({ key, defaultPrevented }: KeyboardEvent) => {
    if (key === "Escape" && !defaultPrevented) chosen.value = null;
  };
  document.addEventListener("keydown", onKey);
  const end = effect(() => {
    if (chosen.value === null) {
      from?.focus();
      from = null;
      return;
    }
    const active = document.activeElement;
    if (!(active instanceof HTMLElement) || active === document.body) return;
    if (place.contains(active)) return;
    from = active;
    place.scrollIntoView({ block: "nearest" });
  });
  return () => {
    document.removeEventListener("keydown", onKey);
    end();
  };
}
