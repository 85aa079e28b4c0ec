/** What the dashboard's islands share: made once for a page, on the server and in the browser. */
import { computed, type Signal, signal } from "@preact/signals";
import type { Change, Quality, Status } from "../../lib/client/mod.ts";
import type { OrderSummary, StockItem, VehiclePosition } from "../../lib/store/events.ts";
import { type Format, formatFor } from "../format.ts";
import type { PageState } from "../page_state.ts";
import { type Language, type Texts, texts } from "../texts.ts";
import { addLatency, type Latencies } from "./latencies.ts";
import { firstList, latestVehicles, type List, newestOrders, room, stockBySku } from "./lists.ts";

/** Whether the viewer may see the shop; `off`: there is none. */
export type Access = "granted" | "needed" | "refused" | "off";

export interface Announcement {
  readonly count: number;
  readonly order: OrderSummary;
}

/** An order that is in work no longer is shown for so long, with how it ended. */
const lingerMs = 4_000;
/** At most so many of them. */
const maxLingering = 50;

export class Live {
  readonly language: Language;
  readonly texts: Texts;
  /** Those in work; null, as with the others: not known yet. */
  readonly orders: Signal<List<OrderSummary> | null>;
  readonly stock: Signal<List<StockItem> | null>;
  readonly vehicles: Signal<List<VehiclePosition> | null>;
  readonly access: Signal<Access>;
  readonly connection = signal<Status>({ name: "idle" });
  /** Whether there has been a connection. */
  wasOnline = false;
  /** null: nothing is known yet. */
  readonly quality = signal<Quality | null>(null);
  readonly latencies = signal<Latencies | null>(null);
  /** Orders that came while one watched, to be told to who cannot see them. */
  readonly announced = signal<Announcement | null>(null);
  /** When the page was last known to be up to date, by this machine's clock; null: it is now. */
  readonly staleSince = signal<number | null>(null);
  /** The reader's own, once the browser has said it. */
  readonly timeZone: Signal<string>;
  /** What came while one watched, to be marked as new. */
  readonly fresh = new Set<string>();
  readonly #format;
  #inWork: ReadonlyMap<string, OrderSummary> = new Map();
  readonly #lingering = new Map<string, OrderSummary>();

  constructor({ language, timeZone, shop, grant }: PageState) {
    this.language = language;
    this.texts = texts[language];
    this.timeZone = signal(timeZone);
    this.#format = computed(() => formatFor(language, this.timeZone.value));
    const known = grant?.snapshot;
    this.orders = signal(known ? firstList(known.orders, room.orders) : null);
    this.stock = signal(known ? firstList(known.stock, room.stock) : null);
    this.vehicles = signal(known ? firstList(known.vehicles, room.vehicles) : null);
    this.access = signal<Access>(!shop ? "off" : grant === null ? "needed" : "granted");
  }

  get format(): Format {
    return this.#format.value;
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

  addLatency(ms: number): void {
    this.latencies.value = addLatency(this.latencies.value, ms);
  }

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
