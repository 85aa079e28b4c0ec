/** The results as a table of docs/client-networks.md. */
import type { TransportName } from "../../../lib/client/mod.ts";
import type { Row } from "./run.ts";

const names: Readonly<Record<TransportName, string>> = {
  websocket: "WebSocket",
  sse: "SSE",
  long_poll: "long-poll",
};
const heads = [
  "Proxy",
  "Runtime",
  "Transport",
  "First message",
  "Moves",
  "Reconnects",
  "p50",
  "p99",
  "Second visit",
];

export function tableOf(rows: readonly Row[]): string {
  const lines = [heads, heads.map(() => "---"), ...rows.map(cellsOf)];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function cellsOf({ proxy, runtime, first, second }: Row): string[] {
  const latencies = first.latencies.toSorted((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] ?? NaN;
  return [
    proxy,
    runtime,
    course(first.transports),
    duration(first.firstMs),
    `${first.moves}`,
    `${first.reconnects}`,
    duration(at(0.5)),
    duration(at(0.99)),
    `${course(second.transports)}, ${duration(second.firstMs)}`,
  ];
}

/** One after the other, at most the first three and the last. */
function course(transports: readonly TransportName[]): string {
  const changes = transports.filter((one, i) => one !== transports[i - 1]).map((one) => names[one]);
  const shown = changes.length > 4 ? [...changes.slice(0, 2), "…", ...changes.slice(-1)] : changes;
  return shown.join(" → ");
}

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

const marks = ["<!-- matrix: generated -->", "<!-- /matrix -->"] as const;

/** @throws Error where the document has no place for it. */
export function withTable(document: string, table: string): string {
  const [begin, end] = marks.map((mark) => document.indexOf(mark));
  if (begin === undefined || end === undefined || begin < 0 || end < begin) {
    throw new Error(`the document lacks ${marks.join(" and ")}`);
  }
  const head = document.slice(0, begin + marks[0].length);
  const date = new Date().toISOString().slice(0, 10);
  return `${head}\n\nMeasured on ${date}:\n\n${table}\n\n${document.slice(end)}`;
}
