/// <reference lib="dom" />
/** The map of a fleet: vehicles that move between the positions they report. */
import type { VehiclePosition } from "../../lib/store/events.ts";
import type { Format } from "../format.ts";
import type { Tiles } from "./assets.ts";
import { LiveMap } from "./live_map.ts";
import type { MapTexts } from "./texts.ts";

export interface FleetMapOptions {
  /** Address of the plain base; drawn where there are no tiles. */
  readonly base: string;
  readonly tiles: Tiles | null;
  readonly texts: MapTexts;
  readonly format: () => Format;
  /**
   * Whether the map goes along with the vehicle that it is to focus, says nothing more of it, and
   * comes back to it by the button that otherwise shows all; absent: not.
   */
  readonly follows?: boolean;
  /** How much later it is by the server's clock than by this one, in milliseconds; absent: not. */
  readonly ahead?: () => number;
  /** The reader has chosen a vehicle, or none any more; not called for what `focus` does. */
  readonly onChoose?: (id: string | null) => void;
}

export interface FleetMap {
  /**
   * All there are: who is not among them is removed. Costs little: it is read when the next frame is
   * drawn, so what is given may change until then.
   */
  show(vehicles: Iterable<VehiclePosition>): void;
  /** Goes to a vehicle and says more of it; null: back to where the reader was. */
  focus(id: string | null): void;
  close(): void;
}

/** @param element with a size of its own; the map's style sheet is there already (load.ts) */
export function openFleetMap(element: HTMLElement, options: FleetMapOptions): FleetMap {
  return new LiveMap(element, options);
}
