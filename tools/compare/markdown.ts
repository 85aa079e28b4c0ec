/** The table as Markdown, as the page has it in English. */
import { formatFor } from "../../islands/format.ts";
import { cellOf, rows } from "../../islands/compare/rows.ts";
import { compareTexts } from "../../islands/compare/texts.ts";
import type { Recorded, RecordedRun } from "../../islands/compare/recorded.ts";
import { ways } from "../../islands/compare/ways.ts";

const texts = compareTexts.en;
const format = formatFor("en", "UTC");

export function markdownOf({ date, clients, machine, browser, runs }: Recorded): string {
  // Two short paragraphs, which the formatter leaves as they are.
  const head = `Measured on ${date}: ${machine}; ${browser}.`;
  const load = clients > 0
    ? `Server CPU with ${clients} clients of each way.`
    : "Server CPU was not measured.";
  return [head, load, ...runs.map(tableOf)].join("\n\n");
}

function tableOf(run: RecordedRun): string {
  const { intervalMs, everyMs } = run;
  const seconds = Math.round(run.ways.polling.windowMs / 1_000);
  const title = `A change every ${everyMs / 1_000} s in the mean, polled every ${
    intervalMs / 1_000
  } s, for ${seconds} s:`;
  const lines = rows.map((row) => [
    texts.rows[row].label,
    ...ways.map((way) => {
      const { cpuMs, ...figures } = run.ways[way];
      return cellOf(row, { figures, cpuMs }, texts, format).text;
    }),
  ]);
  return [title, "", ...aligned([["", ...ways.map((way) => texts.ways[way])], ...lines])].join(
    "\n",
  );
}

function aligned([head = [], ...lines]: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, column) =>
    Math.max(4, ...[head, ...lines].map((line) => line[column]?.length ?? 0))
  );
  const row = (line: readonly string[]) =>
    `| ${
      line.map((text, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? text.padEnd(width) : text.padStart(width);
      }).join(" | ")
    } |`;
  const rule = widths.map((width, column) => {
    return column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`;
  });
  return [row(head), `| ${rule.join(" | ")} |`, ...lines.map(row)];
}
