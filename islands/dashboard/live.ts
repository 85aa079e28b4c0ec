/** What the dashboard's islands share: made once for a page, on the server and in the browser. */
import { batch, computed, type Signal, signal } from "@preact/signals";
import type { State } from "../../lib/client/mod.ts";
import type { OrderSummary, VehiclePosition } from "../../lib/store/events.ts";
import { type Format, formatFor } from "../format.ts";
import type { PageState, Snapshot, StockLevel } from "../page_state.ts";
import { type Texts, texts } from "../texts.ts";
import { addLatency, type Latencies } from "./latencies.ts";
import { mergeOrders, mergeStock, mergeVehicles } from "./merge.ts";

/** Whether the viewer may see the shop; `off`: there is none. */
export type Access = "granted" | "needed" | "refused" | "off";

/** How much of the shop is here: everything up to the latest event only once it is `loaded`. */
export type Loading = "loading" | "loaded" | "failed";

export interface Announcement {
  readonly count: number;
  readonly order: OrderSummary;
}

export class Live {
  readonly texts: Texts;
  readonly orders: Signal<readonly OrderSummary[]>;
  readonly stock: Signal<readonly StockLevel[]>;
  readonly vehicles: Signal<readonly VehiclePosition[]>;
  readonly access: Signal<Access>;
  readonly loading: Signal<Loading>;
  readonly connection = signal<State>({ name: "idle" });
  readonly latencies = signal<Latencies | null>(null);
  /** Orders that came while one watched, to be told to who cannot see them. */
  readonly announced = signal<Announcement | null>(null);
  /** When the page was last known to be up to date, by this machine's clock; null: it is now. */
  readonly staleSince = signal<number | null>(null);
  /** The reader's own, once the browser has said it. */
  readonly timeZone: Signal<string>;
  /** What came by the stream, to be marked as new. */
  readonly fresh = new Set<string>();
  readonly #format;

  constructor({ language, timeZone, shop, grant }: PageState) {
    this.texts = texts[language];
    this.timeZone = signal(timeZone);
    this.#format = computed(() => formatFor(language, this.timeZone.value));
    this.orders = signal(grant?.snapshot.orders ?? []);
    this.stock = signal(grant?.snapshot.stock ?? []);
    this.vehicles = signal(grant?.snapshot.vehicles ?? []);
    this.access = signal<Access>(!shop ? "off" : grant === null ? "needed" : "granted");
    this.loading = signal<Loading>(grant === null ? "loading" : "loaded");
  }

  get format(): Format {
    return this.#format.value;
  }

  addSnapshot({ orders, stock, vehicles }: Snapshot): void {
    batch(() => {
      this.orders.value = mergeOrders(this.orders.value, orders);
      this.stock.value = mergeStock(this.stock.value, stock);
      this.vehicles.value = mergeVehicles(this.vehicles.value, vehicles);
      this.loading.value = "loaded";
    });
  }

  /** @param isNew an order that was not there before */
  addOrder(order: OrderSummary, isNew: boolean): void {
    this.fresh.add(order.id);
    this.orders.value = mergeOrders(this.orders.value, [order]);
    if (isNew) this.announced.value = { count: (this.announced.value?.count ?? 0) + 1, order };
    // Only what is shown can be marked.
    if (this.fresh.size > 1_000) this.fresh.clear();
  }

  addStock(levels: readonly StockLevel[]): void {
    this.stock.value = mergeStock(this.stock.value, levels);
  }

  addVehicle(vehicle: VehiclePosition): void {
    this.vehicles.value = mergeVehicles(this.vehicles.value, [vehicle]);
  }

  addLatency(ms: number): void {
    this.latencies.value = addLatency(this.latencies.value, ms);
  }
}
