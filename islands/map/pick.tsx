import type { ComponentChildren } from "preact";
import type { MapModel } from "./model.ts";

interface PickProps {
  readonly model: MapModel;
  readonly id: string;
  /** What it says, of which there may be no room for all. */
  readonly title: string;
  readonly children: ComponentChildren;
}

/** A vehicle's name in a list, which shows it on the map; pressed again, it no longer does. */
export function Pick({ model: { chosen }, id, title, children }: PickProps) {
  const isChosen = chosen.value === id;
  return (
    <button
      type="button"
      class="title pick"
      title={title}
      aria-pressed={isChosen}
      onClick={() => chosen.value = isChosen ? null : id}
    >
      {children}
    </button>
  );
}
