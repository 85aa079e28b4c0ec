/// <reference lib="dom" />
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { attachMap, type Stage } from "./attach.ts";
import type { MapModel } from "./model.ts";

/** The fleet's map; its place has its size before there is anything in it. */
export function MapPanel({ model }: { model: MapModel }) {
  const { page, texts } = model;
  if (page.access.value !== "granted") return null;
  const isStale = page.connection.staleSince.value !== null;
  return (
    <section
      class="panel map-panel"
      aria-labelledby="map-heading"
      data-stale={isStale ? "" : undefined}
    >
      <div class="heading">
        <h2 id="map-heading">{texts.heading}</h2>
      </div>
      <MapPlace model={model} />
    </section>
  );
}

/** Fills an element that has its size. */
export function MapPlace({ model }: { model: MapModel }) {
  const { texts } = model;
  const stage = useSignal<Stage>("waiting");
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current === null ? undefined : attachMap(place.current, model, stage), []);
  return (
    <div class="map-place">
      <div class="fleet-map" ref={place} />
      {stage.value === "failed"
        ? (
          <div class="empty" role="status">
            <p>{texts.failed}</p>
            <button type="button" onClick={() => stage.value = "loading"}>{texts.again}</button>
          </div>
        )
        : stage.value !== "open" && <p class="empty">{texts.note}</p>}
    </div>
  );
}
