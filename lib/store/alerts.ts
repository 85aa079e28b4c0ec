/** Alerts: raised, counted, acknowledged and ended, each change with its events in one commit. */
import { type Change, change } from "./change.ts";
import { keys, limits, type Page, type StoreContext } from "./context.ts";
import type {
  Alert,
  AlertCause,
  AlertCourse,
  AlertKind,
  AlertOf,
  AlertSeverity,
} from "./alerts_shape.ts";
import { StoreError } from "./errors.ts";
import type { StockItem } from "./events.ts";
import { page, type PageRequest } from "./list.ts";
import { noOrder } from "./orders.ts";
import type { StoreEvent } from "./outbox.ts";

const idPrefix: Readonly<Record<AlertKind, string>> = {
  vehicle_silent: "vehicle",
  stock_low: "stock",
  source_failing: "source",
  delivery_problem: "delivery",
};

export function alertId({ kind, subject }: Pick<AlertCause, "kind" | "subject">): string {
  return `${idPrefix[kind]}:${subject}`;
}

/**
 * The alert for a cause that was found, anew or again. Whoever acknowledged it did not know of what
 * is found again: the acknowledgement goes.
 */
export function raised<Cause extends AlertCause>(
  cause: Cause,
  before: Alert | null,
  now: number,
): Cause & AlertCourse {
  return {
    ...cause,
    id: alertId(cause),
    raisedAt: before?.raisedAt ?? now,
    updatedAt: now,
    count: (before?.count ?? 0) + 1,
    acknowledgedBy: null,
    acknowledgedAt: null,
    ended: null,
  };
}

/** Its cause is over. */
export function resolved<Kind extends Alert>(alert: Kind, now: number): Kind {
  return { ...alert, updatedAt: now, ended: { how: "resolved", by: null, at: now } };
}

/**
 * Writes what an alert has become, and returns what tells of it: one that has ended is shown as
 * such, and goes. The caller's commit must fail where the alert was changed meanwhile.
 * @param before null: it was not open.
 */
export function writeAlert(
  write: Deno.AtomicOperation,
  alert: Alert,
  before: Alert | null,
): StoreEvent[] {
  const event = alertEvent(alert);
  if (alert.ended === null) {
    write.set(keys.alert(alert.id), alert);
    if (before === null) write.sum([...keys.openAlerts], 1n);
    return [event];
  }
  write.delete(keys.alert(alert.id))
    .set(keys.endedAlert(alert.id), alert, { expireIn: limits.endedAlertTtlMs })
    .sum([...keys.openAlerts], BigInt.asUintN(64, -1n));
  return [event, { channel: "alerts:all", key: alert.id, removed: true }];
}

export function alertEvent(alert: Alert): StoreEvent {
  const { kind } = alert;
  return { channel: "alerts:all", key: alert.id, data: alert, tags: { kind } };
}

/** Whether another may be raised. Not exact: those who raise do not wait for each other. */
export async function hasRoom(kv: Deno.Kv): Promise<boolean> {
  const { value } = await kv.get<Deno.KvU64>(keys.openAlerts);
  return Number(BigInt.asIntN(64, value?.value ?? 0n)) < limits.alerts;
}

export interface ProblemReport {
  readonly order: string;
  readonly text: string;
  readonly severity: AlertSeverity;
  /** null: a back end. */
  readonly by: string | null;
}

export interface Reported {
  readonly alert: Alert;
  /** false: one of this delivery was open already. */
  readonly created: boolean;
}

const ranks: Readonly<Record<AlertSeverity, number>> = { info: 0, warning: 1, critical: 2 };

/**
 * Somebody reports a problem with the delivery of an order. A further report counts, and the graver
 * severity stays; the same again by the same person is one whose answer was lost.
 *
 * @throws StoreError 404 for an unknown order, 409 where too many alerts are open
 */
export function reportProblem(context: StoreContext, report: ProblemReport): Promise<Reported> {
  const { order, text: message, by } = report;
  const cause = { kind: "delivery_problem", subject: order, text: { message, by } } as const;
  const id = alertId(cause);
  return change<Reported>(context, async (kv) => {
    const entry = await kv.get<AlertOf<"delivery_problem">>(keys.alert(id));
    const before = entry.value;
    if (before === null) await checkReport(kv, order);
    else if (isRepeated(before, report)) return { result: { alert: before, created: false } };
    const graver = before !== null && ranks[before.severity] > ranks[report.severity];
    const severity = graver ? before.severity : report.severity;
    const alert = raised({ ...cause, severity }, before, context.clock.now());
    const write = kv.atomic().check(entry);
    const events = writeAlert(write, alert, before);
    return { result: { alert, created: before === null }, write, events };
  });
}

function isRepeated(
  { text, severity }: AlertOf<"delivery_problem">,
  report: ProblemReport,
): boolean {
  return text.message === report.text && text.by === report.by &&
    ranks[report.severity] <= ranks[severity];
}

async function checkReport(kv: Deno.Kv, order: string): Promise<void> {
  const known = await kv.get(keys.order(order));
  if (known.value === null) throw noOrder(order);
  if (await hasRoom(kv)) return;
  throw new StoreError(409, `${limits.alerts} alerts are open, as many as may be; close some`);
}

/**
 * Somebody has seen it and takes care of it. Once more by the same person changes nothing.
 * @throws StoreError 404 for an unknown alert, 409 for one that is over or acknowledged by another
 */
export function acknowledgeAlert(
  context: StoreContext,
  { id, by }: { id: string; by: string },
): Promise<Alert> {
  return change<Alert>(context, async (kv) => {
    const [entry, ended] = await kv.getMany<[Alert, Alert]>([keys.alert(id), keys.endedAlert(id)]);
    const before = entry.value;
    if (before === null && ended.value !== null) {
      throw new StoreError(409, `alert "${id}" is over: ${ended.value.ended?.how}`);
    }
    if (before === null) throw noAlert(id);
    if (before.acknowledgedBy === by) return { result: before };
    if (before.acknowledgedBy !== null) {
      throw new StoreError(409, `alert "${id}" was acknowledged by "${before.acknowledgedBy}"`);
    }
    const now = context.clock.now();
    const alert = { ...before, updatedAt: now, acknowledgedBy: by, acknowledgedAt: now };
    return await byHand(kv, entry, before, alert);
  });
}

/**
 * Closes an alert, whatever its cause. One that is over already stays as it ended.
 * @param by null: a back end.
 * @throws StoreError 404 for an unknown alert
 */
export function closeAlert(
  context: StoreContext,
  { id, by }: { id: string; by: string | null },
): Promise<Alert> {
  return change<Alert>(context, async (kv) => {
    const [entry, ended] = await kv.getMany<[Alert, Alert]>([keys.alert(id), keys.endedAlert(id)]);
    const before = entry.value;
    if (before === null && ended.value !== null) return { result: ended.value };
    if (before === null) throw noAlert(id);
    const now = context.clock.now();
    const alert: Alert = { ...before, updatedAt: now, ended: { how: "closed", by, at: now } };
    return await byHand(kv, entry, before, alert);
  });
}

/**
 * Of an article the stock's own changes write the alert too, without a check of it, for a commit
 * may check only so many rows: so who changes the alert alone touches the article.
 */
async function byHand(
  kv: Deno.Kv,
  entry: Deno.KvEntryMaybe<Alert>,
  before: Alert,
  alert: Alert,
): Promise<Change<Alert>> {
  const write = kv.atomic().check(entry);
  if (alert.kind === "stock_low") {
    const item = await kv.get<StockItem>(keys.stock(alert.subject));
    if (item.value !== null) write.check(item).set(item.key, item.value);
  }
  return { result: alert, write, events: writeAlert(write, alert, before) };
}

function noAlert(id: string): StoreError {
  return new StoreError(404, `no alert "${id}"`);
}

/** Those that are open, by id. */
export function listAlerts(context: StoreContext, request: PageRequest): Promise<Page<Alert>> {
  return page(context, keys.alerts, request);
}
