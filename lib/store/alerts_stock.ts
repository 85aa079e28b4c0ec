/** Alerts for articles of which little is left. */
import { alertId, hasRoom, raised, resolved, writeAlert } from "./alerts.ts";
import type { AlertCauseOf, AlertKind, AlertOf } from "./alerts_shape.ts";
import { keys, type StoreContext } from "./context.ts";
import type { StockItem } from "./events.ts";
import type { StoreEvent } from "./outbox.ts";

type StockAlert = AlertOf<"stock_low">;

/** One article's change; before is null for a new one. */
export interface StockChange {
  readonly before: StockItem | null;
  readonly after: StockItem;
}

interface StockAlerts {
  readonly events: readonly StoreEvent[];
  /** Those that there is no room for. */
  readonly dropped: readonly AlertKind[];
}

/**
 * Adds to a commit that checks and writes these articles what it means for their alerts, and returns
 * what tells of that. An alert is raised when the quantity falls below the limit and again when
 * nothing is left, follows the quantity meanwhile, and is resolved by enough of it. One that was
 * closed is not raised again until then.
 */
export async function followStock(
  { kv, clock }: StoreContext,
  write: Deno.AtomicOperation,
  changes: readonly StockChange[],
): Promise<StockAlerts> {
  const concerned = changes.filter(({ before, after }) => isLow(before) || isLow(after));
  const events: StoreEvent[] = [];
  const dropped: AlertKind[] = [];
  if (concerned.length === 0) return { events, dropped };
  const open = await readAlerts(kv, concerned.map(({ after }) => after.sku));
  const now = clock.now();
  for (const [i, one] of concerned.entries()) {
    const before = open[i] ?? null;
    const alert = alertAfter(one, before, now);
    if (alert === null) continue;
    if (before !== null || await hasRoom(kv)) events.push(...writeAlert(write, alert, before));
    else dropped.push(alert.kind);
  }
  return { events, dropped };
}

function isLow(item: StockItem | null): boolean {
  return item !== null && item.quantity < item.lowAt;
}

/** null: nothing changes. */
function alertAfter(
  { before, after }: StockChange,
  open: StockAlert | null,
  now: number,
): StockAlert | null {
  if (!isLow(after)) return open && resolved(open, now);
  const cause = causeOf(after);
  const isWorse = !isLow(before) || (after.quantity === 0 && before?.quantity !== 0);
  if (isWorse) return raised(cause, open, now);
  return open && { ...open, ...cause, updatedAt: now };
}

function causeOf({ sku, name, quantity, lowAt }: StockItem): AlertCauseOf<"stock_low"> {
  return {
    kind: "stock_low",
    severity: quantity === 0 ? "critical" : "warning",
    subject: sku,
    text: { name, quantity, lowAt },
  };
}

async function readAlerts(kv: Deno.Kv, skus: readonly string[]): Promise<(StockAlert | null)[]> {
  const ids = skus.map((subject) => keys.alert(alertId({ kind: "stock_low", subject })));
  // One getMany reads ten keys at most.
  const parts: Promise<Deno.KvEntryMaybe<StockAlert>[]>[] = [];
  for (let i = 0; i < ids.length; i += 10) {
    parts.push(kv.getMany<StockAlert[]>(ids.slice(i, i + 10)));
  }
  return (await Promise.all(parts)).flat().map(({ value }) => value);
}
