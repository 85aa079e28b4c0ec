/** The example shop: orders, stock, vehicles, chat, alerts; each change and its event in one commit. */
import { acknowledgeAlert, closeAlert, listAlerts, reportProblem } from "./alerts.ts";
import type { Alert, AlertKind } from "./alerts_shape.ts";
import { SourceAlerts } from "./alerts_sources.ts";
import { VehicleWatch } from "./alerts_watch.ts";
import { listMessages, postMessage } from "./chat.ts";
import { listReadMarks, markRead } from "./chat_read.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { StoreContext } from "./context.ts";
import type { OrderSummary, QuarterFigures, StockItem, VehiclePosition } from "./events.ts";
import { FigureTeller, type PublishFigures } from "./figure_teller.ts";
import { listFigures } from "./figures.ts";
import { setStatus } from "./order_status.ts";
import { getOrder, listInWork, listOrders } from "./orders.ts";
import { placeOrder } from "./place_order.ts";
import { type ReadEpoch, Refill } from "./refill.ts";
import { type PublishEvent, Relay, type RelayStage } from "./relay.ts";
import { listStock, putStock, restock } from "./stock.ts";
import { listVehicles, moveVehicle, moveVehicleAlong, withdrawVehicle } from "./vehicles.ts";

export type StoreStage = RelayStage | "refill" | "figures" | "watch vehicles" | "source alert";

export interface StoreOptions {
  /** Stays the caller's: close the store first, then this. */
  readonly kv: Deno.Kv;
  readonly publish: PublishEvent;
  /** Absent: the figures are told to nobody. */
  readonly publishFigures?: PublishFigures;
  readonly epoch: ReadEpoch;
  /** Told of each failure that will be tried again, and of events that can never be published. */
  readonly onError: (error: unknown, stage: StoreStage) => void;
  /** Look for vehicles that have gone silent. */
  readonly watchVehicles?: boolean;
  /** Whether everybody with a token may see what this channel says; absent: of none. */
  readonly isOpen?: (channel: string) => boolean;
  /** Something was found for which there is no room as an alert. */
  readonly onAlertDropped?: (kind: AlertKind) => void;
  readonly clock?: Clock;
  readonly sweepMs?: number;
  readonly publishTimeoutMs?: number;
}

/** What a page shows at first. */
export interface StoreSnapshot {
  /** Those in work, newest first. */
  readonly orders: OrderSummary[];
  /** By SKU. */
  readonly stock: StockItem[];
  /** By id. */
  readonly vehicles: VehiclePosition[];
  /** Of the last day and a bit, so that it holds today in every time zone, the clock set back too. */
  readonly figures: QuarterFigures[];
  /** Those that are open, by id. */
  readonly alerts: Alert[];
}

export type Store = ReturnType<typeof openStore>;

/** Opens the shop and starts to publish what its outbox holds. */
export function openStore(options: StoreOptions) {
  const { clock = systemClock } = options;
  const backlog = { rows: 0 };
  const publish: PublishEvent = async (event, once) => {
    const position = await options.publish(event, once);
    if (position !== null) refill.saw(event.channel, position.epoch);
    return position;
  };
  const relay = new Relay({ ...options, publish, clock, backlog });
  const { kv, publishFigures } = options;
  const teller = publishFigures === undefined
    ? undefined
    : new FigureTeller({ kv, clock, publish: publishFigures, onError: options.onError });
  const context: StoreContext = {
    kv,
    clock,
    backlog,
    wake: () => relay.wake(),
    counted: (at) => teller?.changed(at),
    alertDropped: (kind) => options.onAlertDropped?.(kind),
  };
  const refill = new Refill({ ...options, context });
  const { isOpen = () => false, onError } = options;
  const sources = new SourceAlerts({ context, isOpen, onError });
  const watch = options.watchVehicles ? new VehicleWatch({ context, onError }) : undefined;
  const close = async () => {
    await Promise.all([sources.close(), watch?.close()]);
    await refill.close();
    await teller?.close();
    await relay.close();
  };
  return {
    placeOrder: bind(context, placeOrder),
    getOrder: bind(context, getOrder),
    listOrders: bind(context, listOrders),
    setStatus: bind(context, setStatus),
    putStock: bind(context, putStock),
    restock: bind(context, restock),
    listStock: bind(context, listStock),
    moveVehicle: bind(context, moveVehicle),
    moveVehicleAlong: bind(context, moveVehicleAlong),
    withdrawVehicle: bind(context, withdrawVehicle),
    listVehicles: bind(context, listVehicles),
    postMessage: bind(context, postMessage),
    listMessages: bind(context, listMessages),
    markRead: bind(context, markRead),
    listReadMarks: bind(context, listReadMarks),
    reportProblem: bind(context, reportProblem),
    acknowledgeAlert: bind(context, acknowledgeAlert),
    closeAlert: bind(context, closeAlert),
    listAlerts: bind(context, listAlerts),
    /** A source of the bridge works or fails. */
    sourceChanged: sources.changed.bind(sources),
    snapshot: bind(context, snapshot),
    /** How many events wait to be published, as far as this isolate knows. */
    backlog: () => backlog.rows,
    /** Looks for events to publish now: for who knows that another isolate has left some. */
    wake: () => relay.wake(),
    /** Ends the publishing; events that wait are published by the next that opens the shop. */
    close,
    [Symbol.asyncDispose]: close,
  };
}

const figuresMs = 25 * 3_600_000;

async function snapshot(
  context: StoreContext,
  { orders = 30, stock = 200, vehicles = 200, alerts = 100 }: {
    orders?: number;
    stock?: number;
    vehicles?: number;
    alerts?: number;
  } = {},
): Promise<StoreSnapshot> {
  const parts = await Promise.all([
    listInWork(context, orders),
    listStock(context, { limit: stock }),
    listVehicles(context, { limit: vehicles }),
    listFigures(context, context.clock.now() - figuresMs),
    listAlerts(context, { limit: alerts }),
  ]);
  return {
    orders: parts[0],
    stock: parts[1].items,
    vehicles: parts[2].items,
    figures: parts[3],
    alerts: parts[4].items,
  };
}

function bind<Args extends unknown[], Result>(
  context: StoreContext,
  job: (context: StoreContext, ...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => job(context, ...args);
}
