import type { InvoiceLine } from "./recording.ts";

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/** What happened at one moment of the recorded day. */
export type Step =
  | {
    readonly kind: "order";
    readonly time: number;
    readonly id: string;
    readonly customer: string;
    readonly country: string;
    readonly lines: readonly Line[];
  }
  /** Goods came back: of an order that is still here it is cancelled, else they go into stock. */
  | {
    readonly kind: "back";
    readonly time: number;
    readonly invoice: string;
    /** Empty: whose they were is not known. */
    readonly customer: string;
    readonly lines: readonly Line[];
  };

export interface Article {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

/** The shop takes no longer orders. */
const maxLines = 80;
const maxQuantity = 100_000;

/** The invoices as orders and returns, in recorded order; a long invoice becomes several orders. */
export function stepsOf(lines: readonly InvoiceLine[]): Step[] {
  const invoices = Map.groupBy(lines.filter(isGoods), (line) => line.invoice);
  return [...invoices].flatMap(([invoice, own]) => [
    ...ordersOf(invoice, own.filter((line) => line.quantity > 0)),
    ...backOf(invoice, own.filter((line) => line.quantity < 0)),
  ]);
}

/** Postage, discounts and corrections have codes that are not numbers, and are in no stock. */
function isGoods({ sku }: InvoiceLine): boolean {
  return /^\d{5}/.test(sku);
}

function ordersOf(invoice: string, own: readonly InvoiceLine[]): Step[] {
  const [first] = own;
  if (first === undefined) return [];
  const { time, customer, country } = first;
  const lines = merged(own);
  const parts: Step[] = [];
  for (let i = 0; i < lines.length; i += maxLines) {
    const id = i === 0 ? invoice : `${invoice}-${i / maxLines + 1}`;
    parts.push({
      kind: "order",
      time,
      id,
      customer,
      country,
      lines: lines.slice(i, i + maxLines),
    });
  }
  return parts;
}

function backOf(invoice: string, own: readonly InvoiceLine[]): Step[] {
  const [first] = own;
  if (first === undefined) return [];
  const { time } = first;
  // Only a cancellation invoice speaks of a customer's order; else it is the shop's own correction.
  const customer = invoice.startsWith("C") ? first.customer : "";
  return [{ kind: "back", time, invoice, customer, lines: merged(own) }];
}

/** One line per SKU, in the order they came. */
function merged(own: readonly InvoiceLine[]): Line[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of own) {
    quantities.set(sku, (quantities.get(sku) ?? 0) + Math.abs(quantity));
  }
  return [...quantities].map(([sku, quantity]) => ({
    sku,
    quantity: Math.min(quantity, maxQuantity),
  }));
}

/** What the shop must have in stock for the day: half as much again as will be ordered. */
export function stockFor(lines: readonly InvoiceLine[]): Article[] {
  const bySku = Map.groupBy(lines.filter(isGoods), (line) => line.sku);
  return [...bySku].map(([sku, own]) => {
    const ordered = own.reduce((sum, line) => sum + Math.max(0, line.quantity), 0);
    return {
      sku,
      name: own.find((line) => line.name !== "")?.name.slice(0, 100) ?? sku,
      quantity: Math.min(maxQuantity, Math.max(20, Math.ceil(ordered * 1.5))),
      unitPrice: own.find((line) => line.unitPrice > 0)?.unitPrice ?? 0,
    };
  });
}
