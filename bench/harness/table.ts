import { type Figure, met } from "./scenario.ts";

/** Lines of text in columns: what, measured, target, and MISSED where it was. */
export function table(title: string, figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    `${number(figure.measured)} ${figure.unit}`,
    wanted(figure),
    figure.target === undefined ? "" : met(figure) ? "met" : "MISSED",
  ]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  );
  const lines = rows.map((row) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd()
  );
  return `${title}\n${lines.join("\n")}\n`;
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
