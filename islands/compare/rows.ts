/** The figures of the comparison, in the order in which they are shown, and how they are written. */
import type { Figures } from "./figures.ts";
import type { Format } from "../format.ts";
import type { CompareTexts } from "./texts.ts";

export type RowName =
  | "p50"
  | "p99"
  | "shown"
  | "requests"
  | "up"
  | "down"
  | "hourly"
  | "lteOn"
  | "nrOn"
  | "ltePower"
  | "cpu";

/** What is known of one way; null: nothing. */
export interface Column {
  readonly figures: Figures | null;
  /** Milliseconds for one client in a minute. */
  readonly cpuMs: number | null;
}

export interface Cell {
  /** As measured, for who reads the page by a program; null: not known. */
  readonly value: number | null;
  /** How many there could be. */
  readonly of?: number;
  readonly text: string;
}

export const rows: readonly RowName[] = [
  "p50",
  "p99",
  "shown",
  "requests",
  "up",
  "down",
  "hourly",
  "lteOn",
  "nrOn",
  "ltePower",
  "cpu",
];

export function cellOf(row: RowName, column: Column, texts: CompareTexts, format: Format): Cell {
  const value = valueOf(row, column);
  if (value === null) return { value, text: texts.unknown };
  const text = textOf(row, value, column, texts, format);
  return row === "shown" ? { value, of: column.figures?.made ?? 0, text } : { value, text };
}

function valueOf(row: RowName, { figures, cpuMs }: Column): number | null {
  if (row === "cpu") return cpuMs;
  if (figures === null) return null;
  if (row !== "hourly") return figures[row];
  return (figures.up + figures.down) * (3_600_000 / Math.max(1, figures.windowMs));
}

function textOf(
  row: RowName,
  value: number,
  { figures }: Column,
  texts: CompareTexts,
  format: Format,
): string {
  const { number, bytes } = format;
  switch (row) {
    case "p50":
    case "p99":
      return texts.milliseconds(number(Math.round(value)));
    case "shown":
      return texts.ofMade(number(value), number(Math.max(value, figures?.made ?? 0)));
    case "requests":
      return number(value);
    case "up":
    case "down":
      return bytes(value);
    case "hourly":
      return texts.perHour(bytes(value));
    case "lteOn":
    case "nrOn":
      return `${number(Math.round(value * 100))} %`;
    case "ltePower":
      return texts.milliwatts(number(Math.round(value)));
    case "cpu":
      return texts.perMinute(number(Number(value.toFixed(1))));
  }
}
