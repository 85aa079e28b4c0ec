/** What the dashboard's islands share: made once for a page, on the server and in the browser. */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Change } from "../../lib/client/mod.ts";
import type {
  OrderSummary,
  QuarterFigures,
  StockItem,
  VehiclePosition,
} from "../../lib/store/events.ts";
import { Page, type PageState } from "../page.ts";
import { Acting } from "./acting.ts";
import { Listing } from "./listing.ts";
import {
  byId,
  filterOrders,
  filterStock,
  filterVehicles,
  lowestFirst,
  newestFirst,
  type OrderFilter,
  room,
} from "./lists.ts";
import { OrderSpeech } from "./order_speech.ts";
import { type DashboardTexts, dashboardTexts } from "./texts.ts";

/** What is shown until the channels have told what they hold, and where no script runs. */
export interface Snapshot {
  readonly orders: readonly OrderSummary[];
  readonly stock: readonly StockItem[];
  readonly vehicles: readonly VehiclePosition[];
  readonly figures: readonly QuarterFigures[];
}

export interface DashboardState extends PageState {
  /** null: the viewer has to bring a token. */
  readonly snapshot: Snapshot | null;
  /** The address of the charts' script. */
  readonly charts: string;
  /** When it was rendered. */
  readonly now: number;
}

/** An order that is in work no longer is shown for so long, with how it ended. */
const lingerMs = 4_000;
/** At most so many of them. */
const maxLingering = 50;
/** What is new is marked for so long. */
const freshMs = 2_000;
/** Where more than so many orders come or change in that time, their marks do not fade. */
const mostFading = 10;

export class Live {
  readonly page: Page;
  readonly texts: DashboardTexts;
  readonly charts: string;
  /** Those in work, and for a moment those that no longer are. */
  readonly orders: Listing<OrderSummary>;
  readonly stock: Listing<StockItem>;
  readonly vehicles: Listing<VehiclePosition>;
  /** By when the quarter began. */
  readonly figures: Signal<ReadonlyMap<number, QuarterFigures>>;
  /** This minute. */
  readonly now: Signal<number>;
  readonly acting = new Acting();
  readonly orderFilter = signal<OrderFilter>({ status: null, text: "" });
  readonly stockFilter = signal("");
  readonly vehicleFilter = signal("");
  /** With those that are about to be; null: not known yet. */
  readonly shownOrders: ReadonlySignal<readonly OrderSummary[] | null>;
  readonly shownStock: ReadonlySignal<readonly StockItem[] | null>;
  readonly shownVehicles: ReadonlySignal<readonly VehiclePosition[] | null>;
  /** Of new orders, to who cannot see them. */
  readonly speech: OrderSpeech;
  /** Set by who shows them: a new order has come while one watched, and not one's own. */
  onNews: (order: OrderSummary) => void = () => {};
  /** When orders came or changed while one watched. */
  readonly #fresh = new Map<string, number>();
  /** When the last `mostFading` of them were. */
  readonly #marked: number[] = [];
  readonly #lingering = new Map<string, OrderSummary>();

  constructor(state: DashboardState) {
    this.page = new Page(state);
    this.texts = dashboardTexts[state.language];
    this.charts = state.charts;
    this.speech = new OrderSpeech((count, { id, total, currency }) =>
      this.texts.newOrders(count, id, this.page.format.money(total, currency))
    );
    const known = state.snapshot;
    this.orders = new Listing(newestFirst, ({ id }) => id, known?.orders, room.orders);
    this.stock = new Listing(lowestFirst, ({ sku }) => sku, known?.stock, room.stock);
    this.vehicles = new Listing(byId, ({ id }) => id, known?.vehicles, room.vehicles);
    this.figures = signal(new Map((known?.figures ?? []).map((one) => [one.from, one])));
    this.now = signal(state.now);
    this.shownOrders = computed(() => {
      const { value } = this.orders.items;
      if (value === null) return null;
      const placed = this.acting.placed.value.filter(({ id }) => this.orders.get(id) === undefined);
      const all = placed.length === 0 ? value : [...placed, ...value];
      return filterOrders(all, this.orderFilter.value);
    });
    this.shownStock = computed(() => {
      const { value } = this.stock.items;
      return value === null ? null : filterStock(value, this.stockFilter.value);
    });
    this.shownVehicles = computed(() => {
      const { value } = this.vehicles.items;
      return value === null ? null : filterVehicles(value, this.vehicleFilter.value);
    });
  }

  /** What the channels have told of an order or an article by now, which is shown as well. */
  readonly known = (of: "order" | "stock", key: string): OrderSummary | StockItem | undefined => {
    this.show();
    return of === "order" ? this.orders.get(key) : this.stock.get(key);
  };

  /** Shows what has changed since. */
  readonly show = (): void => {
    for (const list of [this.orders, this.stock, this.vehicles]) list.show();
  };

  readonly ordersSynced = (inWork: ReadonlyMap<string, OrderSummary>): void => {
    this.orders.reset(new Map([...this.#lingering, ...inWork]), inWork.size);
    this.acting.synced("order", (id) => inWork.get(id));
  };

  readonly orderChanged = ({ key, data, before, entries }: Change<OrderSummary>): void => {
    if (data === undefined) this.#letGo(key, before, entries.size);
    else {
      this.#lingering.delete(key);
      this.orders.set(data, entries.size);
      this.#markFresh(key);
      // What one has ordered oneself is no news.
      const isNews = before === undefined && data.status === "placed" && !this.acting.has(key);
      if (isNews) {
        this.speech.add(data);
        this.onNews(data);
      }
    }
    if (this.acting.told("order", key, data)) this.show();
  };

  readonly stockSynced = (items: ReadonlyMap<string, StockItem>): void => {
    this.stock.reset(items, items.size);
    this.acting.synced("stock", (sku) => items.get(sku));
  };

  readonly stockChanged = ({ key, data, entries }: Change<StockItem>): void => {
    if (data === undefined) this.stock.delete(key, entries.size);
    else this.stock.set(data, entries.size);
    if (this.acting.told("stock", key, data)) this.show();
  };

  readonly vehiclesSynced = (all: ReadonlyMap<string, VehiclePosition>): void =>
    this.vehicles.reset(all, all.size);

  readonly vehicleChanged = ({ key, data, entries }: Change<VehiclePosition>): void => {
    if (data === undefined) this.vehicles.delete(key, entries.size);
    else this.vehicles.set(data, entries.size);
  };

  readonly showFigures = (quarters: ReadonlyMap<string, QuarterFigures>): void => {
    this.figures.value = new Map([...quarters.values()].map((one) => [one.from, one]));
  };

  isFresh(id: string): boolean {
    return Date.now() - (this.#fresh.get(id) ?? 0) < freshMs;
  }

  /** So much is new that to let each of the marks fade would keep the browser busy for nothing. */
  get isBusy(): boolean {
    return this.#marked.length === mostFading && Date.now() - (this.#marked[0] ?? 0) < freshMs;
  }

  #markFresh(id: string): void {
    const now = Date.now();
    this.#marked.push(now);
    if (this.#marked.length > mostFading) this.#marked.shift();
    // Those that came last are at the end.
    this.#fresh.delete(id);
    this.#fresh.set(id, now);
    const [oldest] = this.#fresh.keys();
    if (this.#fresh.size > 1_000 && oldest !== undefined) this.#fresh.delete(oldest);
  }

  /** It was told of how it ended in the change before. */
  #letGo(key: string, order: OrderSummary | undefined, count: number): void {
    const isOver = order?.status === "delivered" || order?.status === "cancelled";
    if (order === undefined || !isOver || this.#lingering.size >= maxLingering) {
      return this.orders.delete(key, count);
    }
    this.orders.set(order, count);
    this.#lingering.set(key, order);
    setTimeout(() => {
      if (!this.#lingering.delete(key)) return;
      this.orders.delete(key);
      this.orders.show();
    }, lingerMs);
  }
}
