/** What the dashboard's islands share: made once for a page, on the server and in the browser. */
import { type Signal, signal } from "@preact/signals";
import type { Change } from "../../lib/client/mod.ts";
import type { OrderSummary, StockItem, VehiclePosition } from "../../lib/store/events.ts";
import { Page, type PageState } from "../page.ts";
import { firstList, latestVehicles, type List, newestOrders, room, stockBySku } from "./lists.ts";
import { type DashboardTexts, dashboardTexts } from "./texts.ts";

/** What is shown until the channels have told what they hold, and where no script runs. */
export interface Snapshot {
  readonly orders: readonly OrderSummary[];
  readonly stock: readonly StockItem[];
  readonly vehicles: readonly VehiclePosition[];
}

export interface DashboardState extends PageState {
  /** null: the viewer has to bring a token. */
  readonly snapshot: Snapshot | null;
}

export interface Announcement {
  readonly count: number;
  readonly order: OrderSummary;
}

/** An order that is in work no longer is shown for so long, with how it ended. */
const lingerMs = 4_000;
/** At most so many of them. */
const maxLingering = 50;

export class Live {
  readonly page: Page;
  readonly texts: DashboardTexts;
  /** Those in work; null, as with the others: not known yet. */
  readonly orders: Signal<List<OrderSummary> | null>;
  readonly stock: Signal<List<StockItem> | null>;
  readonly vehicles: Signal<List<VehiclePosition> | null>;
  /** Orders that came while one watched, to be told to who cannot see them. */
  readonly announced = signal<Announcement | null>(null);
  /** What came while one watched, to be marked as new. */
  readonly fresh = new Set<string>();
  #inWork: ReadonlyMap<string, OrderSummary> = new Map();
  readonly #lingering = new Map<string, OrderSummary>();

  constructor(state: DashboardState) {
    this.page = new Page(state);
    this.texts = dashboardTexts[state.language];
    const known = state.snapshot;
    this.orders = signal(known ? firstList(known.orders, room.orders) : null);
    this.stock = signal(known ? firstList(known.stock, room.stock) : null);
    this.vehicles = signal(known ? firstList(known.vehicles, room.vehicles) : null);
  }

  readonly showOrders = (inWork: ReadonlyMap<string, OrderSummary>): void => {
    this.#inWork = inWork;
    const orders = new Map([...this.#lingering, ...inWork]);
    this.orders.value = { items: newestOrders(orders.values()), count: inWork.size };
  };

  readonly showStock = (stock: ReadonlyMap<string, StockItem>): void => {
    this.stock.value = { items: stockBySku(stock.values()), count: stock.size };
  };

  readonly showVehicles = (vehicles: ReadonlyMap<string, VehiclePosition>): void => {
    this.vehicles.value = { items: latestVehicles(vehicles.values()), count: vehicles.size };
  };

  /** Before it is shown. */
  readonly orderChanged = ({ key, data, before }: Change<OrderSummary>): void => {
    if (data === undefined) return this.#letGo(before);
    this.fresh.add(key);
    // Only what is shown can be marked.
    if (this.fresh.size > 1_000) this.fresh.clear();
    if (before !== undefined || data.status !== "placed") return;
    this.announced.value = { count: (this.announced.value?.count ?? 0) + 1, order: data };
  };

  /** It was told of how it ended in the change before. */
  #letGo(order: OrderSummary | undefined): void {
    const isOver = order?.status === "delivered" || order?.status === "cancelled";
    if (order === undefined || !isOver || this.#lingering.size >= maxLingering) return;
    this.#lingering.set(order.id, order);
    setTimeout(() => {
      this.#lingering.delete(order.id);
      this.showOrders(this.#inWork);
    }, lingerMs);
  }
}
