import { parse } from "@std/csv";
import { type GpxTrack, parseGpx } from "./gpx.ts";

/** A line of a recorded invoice. */
export interface InvoiceLine {
  /** A C at its beginning: goods that came back. */
  readonly invoice: string;
  readonly sku: string;
  readonly name: string;
  /** Below zero: goods that came back. */
  readonly quantity: number;
  /** Unix milliseconds */
  readonly time: number;
  /** In pence. */
  readonly unitPrice: number;
  /** Empty where it was not recorded. */
  readonly customer: string;
  readonly country: string;
}

export interface RecordedPosition {
  readonly id: string;
  readonly time: number;
  readonly lat: number;
  readonly lon: number;
  /** metres per second */
  readonly speed: number;
  readonly route: string;
  readonly headsign: string;
}

/** What one after the other tells. */
export type RecordedRows =
  | { readonly kind: "orders"; readonly lines: InvoiceLine[] }
  | { readonly kind: "vehicles"; readonly positions: RecordedPosition[] };

export type Recording =
  | RecordedRows
  | { readonly kind: "tracks"; readonly tracks: GpxTrack[] };

const orderColumns = [
  "InvoiceNo",
  "StockCode",
  "Description",
  "Quantity",
  "InvoiceDate",
  "UnitPrice",
  "CustomerID",
  "Country",
];
const vehicleColumns = [
  "vehicle_id",
  "timestamp",
  "speed",
  "route_id",
  "trip_id",
  "latitude",
  "longitude",
  "trip_headsign",
];
/** The recorded speeds are in miles per hour: see demo/README.md for how that was found. */
const metresPerSecond = 1609.344 / 3600;

/**
 * Reads a recording: GPX is told by being XML, a table by its header line.
 * @throws Error naming the line at fault
 */
export function parseRecording(text: string): Recording {
  const plain = text.replace(/^\ufeff/, "");
  if (/^\s*</.test(plain)) return { kind: "tracks", tracks: parseGpx(plain) };
  const header = plain.slice(0, plain.search(/\r?\n|$/)).trim();
  if (header === orderColumns.join()) {
    return { kind: "orders", lines: rowsOf(plain).map(invoiceLine).sort(byTime) };
  }
  if (header === vehicleColumns.join()) {
    return { kind: "vehicles", positions: rowsOf(plain).map(position).sort(byTime) };
  }
  throw new Error(
    `unknown header line "${header.slice(0, 200)}"; ` +
      `it must be "${orderColumns.join()}" or "${vehicleColumns.join()}", or the file GPX`,
  );
}

type Cell = (column: string) => string;

function rowsOf(text: string): Cell[] {
  const rows = parse(text, { skipFirstRow: true });
  if (rows.length === 0) throw new Error("it has no rows");
  return rows.map((row, i) => (column) => {
    const cell = row[column];
    if (cell === undefined) throw new Error(`row ${i + 1} has no ${column}`);
    return cell.trim();
  });
}

function byTime(a: { time: number }, b: { time: number }): number {
  return a.time - b.time;
}

function invoiceLine(cell: Cell): InvoiceLine {
  return {
    invoice: cell("InvoiceNo"),
    sku: cell("StockCode"),
    name: cell("Description"),
    quantity: numberIn(cell, "Quantity"),
    // The zone was not recorded; only the time between two lines counts.
    time: timeIn(cell, "InvoiceDate", (text) => `${text.replace(" ", "T")}Z`),
    unitPrice: Math.round(numberIn(cell, "UnitPrice") * 100),
    customer: cell("CustomerID"),
    country: cell("Country"),
  };
}

function position(cell: Cell): RecordedPosition {
  return {
    id: cell("vehicle_id"),
    time: timeIn(cell, "timestamp", (text) => text),
    lat: numberIn(cell, "latitude"),
    lon: numberIn(cell, "longitude"),
    speed: Math.round(numberIn(cell, "speed") * metresPerSecond * 100) / 100,
    route: cell("route_id"),
    headsign: cell("trip_headsign"),
  };
}

function numberIn(cell: Cell, column: string): number {
  const text = cell(column);
  const value = Number(text);
  if (text !== "" && Number.isFinite(value)) return value;
  throw new Error(`${column} must be a number, not "${text}"`);
}

function timeIn(cell: Cell, column: string, iso: (text: string) => string): number {
  const text = cell(column);
  const time = Date.parse(iso(text));
  if (Number.isFinite(time)) return time;
  throw new Error(`${column} must be a time, not "${text}"`);
}
