import type { Clock } from "../clock.ts";
import type { AlertKind } from "./alerts_shape.ts";

/** What the shop's functions work on. */
export interface StoreContext {
  readonly kv: Deno.Kv;
  readonly clock: Clock;
  /** How many events wait to be published, as far as this isolate knows. */
  readonly backlog: { rows: number };
  /** Called after each commit that left events in the outbox. */
  readonly wake: () => void;
  /** Called after each commit that changed the figures of the time, in Unix milliseconds. */
  readonly counted: (at: number) => void;
  /** Called after each change that found something for which there was no room as an alert. */
  readonly alertDropped: (kind: AlertKind) => void;
}

const day = 24 * 3_600_000;

/** Nothing the shop keeps is unbounded: this is how much, and for how long. */
export const limits = {
  /** Orders that are neither delivered nor cancelled: these are kept, however old. */
  ordersInWork: 10_000,
  /** The others go after this long. */
  orderTtlMs: 30 * day,
  /** One line is one row to check in the transaction, which may check 100. */
  orderLines: 80,
  skus: 5_000,
  /** Of one SKU. */
  quantity: 1_000_000_000,
  /** Chat messages go after this long; so do the marks of those who have read none since. */
  chatTtlMs: 7 * day,
  /** UTF-16 units of one chat message. */
  messageLength: 2_000,
  /** Those who have read a room and are shown to have. */
  readers: 1_000,
  /** A vehicle's positions in one request. */
  positions: 500,
  /** A vehicle that reports no longer is forgotten after this long. */
  vehicleTtlMs: 10 * 60_000,
  /** The day's figures go after this long; an order cancelled later is not taken out of them. */
  figuresTtlMs: 2 * day,
  /** A restock repeated within this time, under the same id, is made once. */
  restockTtlMs: day,
  /** One that has not reported for this long has gone silent. */
  vehicleSilentMs: 2 * 60_000,
  /** Alerts that are open. */
  alerts: 1_000,
  /** Those of one source's channels: its parameters are for its listeners to choose. */
  sourceAlerts: 20,
  /** How one ended is known for this long. */
  endedAlertTtlMs: day,
  /** UTF-16 units of a problem that somebody reports. */
  reportLength: 500,
  /** A reported time may be ahead of ours by this much. */
  clockSkewMs: 60_000,
  /** Changes are refused (503) while this many events wait to be published. */
  backlogRows: 20_000,
  /** A state channel that begins anew is filled only while fewer events wait. */
  refillRows: 1_000,
  /** The longest list one request can ask for. */
  page: 1_000,
} as const;

export const keys = {
  order: (id: string) => ["store", "order", id],
  /** Summaries by time, newest last. */
  orderByTime: (seq: string) => ["store", "order_time", seq],
  ordersByTime: ["store", "order_time"],
  orderByStatus: (status: string, seq: string) => ["store", "order_status", status, seq],
  ordersByStatus: (status: string) => ["store", "order_status", status],
  /** A count: unsigned, and to be read as signed. */
  ordersInWork: ["store", "orders_in_work"],
  stock: (sku: string) => ["store", "stock", sku],
  allStock: ["store", "stock"],
  stockCount: ["store", "stock_count"],
  restocked: (id: string) => ["store", "restocked", id],
  /** Counts of a quarter of an hour, by when it began. */
  figure: (from: number, what: string) => ["store", "figures", from, what],
  figuresOf: (from: number) => ["store", "figures", from],
  figures: ["store", "figures"],
  vehicle: (id: string) => ["store", "vehicle", id],
  vehicles: ["store", "vehicle"],
  alert: (id: string) => ["store", "alert", id],
  alerts: ["store", "alert"],
  endedAlert: (id: string) => ["store", "alert_ended", id],
  /** A count: unsigned, and to be read as signed. */
  openAlerts: ["store", "alerts_open"],
  /** When to look for silent vehicles next. */
  vehicleWatch: ["store", "vehicle_watch"],
  /** Which stream has been told how much of a part of the shop. */
  refilled: (part: string) => ["store", "refilled", part],
  /** Which message an id of its author's led to. */
  messageSent: (room: string, author: string, sentAs: string) => [
    "store",
    "chat_sent",
    room,
    author,
    sentAs,
  ],
  readMark: (room: string, user: string) => ["store", "chat_read", room, user],
  readMarks: (room: string) => ["store", "chat_read", room],
  message: (room: string, id: string) => ["store", "chat", room, id],
  messages: (room: string) => ["store", "chat", room],
  /** Written by every commit that leaves events: its versionstamp is that of the last of them. */
  outboxHead: ["store", "outbox_head"],
  outboxRow: (ulid: string) => ["outbox", ulid],
  outbox: ["outbox"],
} as const;

/** A part of a list: `next` is where the following part begins, null at the end. */
export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}
