/** What the driver's islands share: made once for a page, on the server and in the browser. */
import { type Signal, signal } from "@preact/signals";
import type { MapPageState } from "../map/assets.ts";
import { MapModel } from "../map/model.ts";
import { Page, type PageState } from "../page.ts";
import type { Fix } from "./fix.ts";
import { idle, type SharingState } from "./machine.ts";
import { type DriverTexts, driverTexts } from "./texts.ts";
import type { Link } from "./uplink.ts";
import { vehicleOf } from "./vehicle.ts";
import type { Awake } from "./wake_lock.ts";

export interface DriverState extends PageState, MapPageState {
  /** The vehicle that the address names; null: none. */
  readonly asked: string | null;
  /** Where a name is enough to be given a token; `bad`: the one that came is none. */
  readonly asksVehicle: "no" | "yes" | "bad";
  /** When it was rendered, Unix milliseconds by the server's clock. */
  readonly now: number;
}

/** What the reader may do once there is a token for a vehicle. */
export interface DriverActions {
  start(): void;
  stop(): void;
}

export interface LastTaken {
  /** By this device's clock. */
  readonly at: number;
  readonly latencyMs: number;
}

export class Driver {
  readonly page: Page;
  readonly texts: DriverTexts;
  readonly asked: string | null;
  readonly asksVehicle: DriverState["asksVehicle"];
  readonly map: MapModel;
  /** null: not known yet, or the token is for none. */
  readonly vehicle: Signal<string | null>;
  readonly sharing: Signal<SharingState> = signal(idle);
  readonly fix: Signal<Fix | null> = signal(null);
  readonly waiting = signal(0);
  readonly isKept = signal(true);
  readonly lastTaken: Signal<LastTaken | null> = signal(null);
  readonly link: Signal<Link> = signal("unknown");
  readonly awake: Signal<Awake> = signal("off");
  /** By this device's clock, each second; null: no script runs yet. */
  readonly now: Signal<number | null> = signal(null);
  readonly actions: Signal<DriverActions | null> = signal(null);

  constructor(state: DriverState) {
    this.page = new Page(state);
    this.texts = driverTexts[state.language];
    this.asked = state.asked;
    this.asksVehicle = state.asksVehicle;
    this.map = new MapModel(this.page, state.map, { follows: true, texts: this.texts.map });
    this.vehicle = signal(state.token === null ? null : vehicleOf(state.token, state.asked));
  }
}
