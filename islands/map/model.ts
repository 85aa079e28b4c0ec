/** What the map's island shares with a page's others. */
import { type Signal, signal } from "@preact/signals";
import type { VehiclePosition } from "../../lib/store/events.ts";
import type { Page } from "../page.ts";
import type { Visit } from "../visit.ts";
import type { MapAssets } from "./assets.ts";
import { type MapTexts, mapTexts } from "./texts.ts";

/** All there are. Another object each time: what is in it may be the same and have changed. */
export interface Known {
  readonly vehicles: ReadonlyMap<string, VehiclePosition>;
}

export interface MapOptions {
  /** As of a FleetMap; absent: not. */
  readonly follows?: boolean;
  /** What the page says in other words. */
  readonly texts?: Partial<MapTexts>;
}

export class MapModel {
  readonly page: Page;
  readonly assets: MapAssets;
  readonly texts: MapTexts;
  readonly follows: boolean;
  readonly known: Signal<Known | null> = signal(null);
  /** The id of the vehicle that the reader has chosen, on the map or in a list. */
  readonly chosen: Signal<string | null> = signal(null);
  /** How much later it is by the server's clock than by this one, in milliseconds. */
  ahead = 0;

  constructor(page: Page, assets: MapAssets, { follows = false, texts }: MapOptions = {}) {
    this.page = page;
    this.assets = assets;
    this.texts = { ...mapTexts[page.language], ...texts };
    this.follows = follows;
  }

  /** Follows the shop's vehicles; the page's other subscriptions of that channel are shared. */
  readonly feed = ({ client, refused }: Visit): void => {
    client.state("vehicles:all").subscribe({
      onSync: (vehicles) => this.known.value = { vehicles },
      onChange: ({ entries: vehicles, time, latencyMs }) => {
        if (time !== undefined && latencyMs !== undefined) {
          this.ahead = time + latencyMs - Date.now();
        }
        this.known.value = { vehicles };
      },
      onRefused: refused,
    });
  };
}
