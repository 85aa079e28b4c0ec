import { type Figure, met } from "./scenario.ts";

/** Lines of text in columns: what, measured, target, and MISSED where it was. */
export function table(title: string, figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    `${number(figure.measured)} ${figure.unit}`,
    wanted(figure),
    figure.target === undefined ? "" : met(figure) ? "met" : "MISSED",
  ]);
  return `${title}\n${aligned(rows, (cell, width) => cell.padEnd(width))}\n`;
}

interface Row {
  readonly what: string;
  readonly cells: readonly number[];
}

/** One line for each row, one column for each thing compared. */
export function grid(columns: readonly string[], rows: readonly Row[]): string {
  const lines = rows.map(({ what, cells }) => [what, ...cells.map(number)]);
  const pad = (cell: string, width: number, column: number) =>
    column === 0 ? cell.padEnd(width) : cell.padStart(width);
  return `${aligned([["", ...columns], ...lines], pad)}\n`;
}

function aligned(
  rows: readonly (readonly string[])[],
  pad: (cell: string, width: number, column: number) => string,
): string {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  );
  return rows.map((row) =>
    `  ${row.map((cell, i) => pad(cell, widths?.[i] ?? 0, i)).join("  ")}`.trimEnd()
  ).join("\n");
}

function wanted({ target, unit }: Figure): string {
  if (target === undefined) return "";
  return "atLeast" in target
    ? `target ≥ ${number(target.atLeast)} ${unit}`
    : `target ≤ ${number(target.atMost)} ${unit}`;
}

/** 1,234,567, 12.3 or 0.123: three digits at least, no more than the figure is worth. */
function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}
