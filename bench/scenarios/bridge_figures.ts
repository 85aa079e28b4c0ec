/** What the phases of the bridge's scenario say when they are put beside each other. */
import type { Figure, Target } from "../harness/scenario.ts";
import { grid } from "../harness/table.ts";

/** One phase. */
export interface Measured {
  /** That the back end was asked for all orders. */
  readonly requests: number;
  /** What the clients' sockets carried. */
  readonly bytesDown: number;
  readonly bytesUp: number;
  /** Down to one client, until it had all orders. */
  readonly openingBytes: number;
  /** Milliseconds from sending a change to the back end until a client has it. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** The median until the back end has acknowledged it. */
  readonly acknowledgedMs: number;
  /** Changes times clients that did not arrive. */
  readonly missed: number;
  readonly closed: number;
  /** Seconds. */
  readonly backEndCpu: number;
  readonly nhipCpu: number;
}

export interface Phases {
  readonly polling: Measured;
  /** Compressed answers, If-None-Match, a browser's headers. */
  readonly browsers: Measured;
  readonly events: Measured;
  readonly map: Measured;
  /** SSE; the back end publishes each change. */
  readonly publishing: Measured;
}

export function bridgeDetails(all: Phases, { seconds }: { readonly seconds: number }): string {
  const { polling, browsers, events, map, publishing } = all;
  const row = (what: string, of: (measured: Measured) => number) => ({
    what,
    cells: [polling, browsers, events, map, publishing].map(of),
  });
  return grid(
    ["polling", "as browsers do", "bridge, SSE", "bridge, WebSocket", "published, SSE"],
    [
      row("GET /orders at the back end", ({ requests }) => requests),
      row("back end CPU, % of a core", ({ backEndCpu }) => backEndCpu / seconds * 100),
      row("Nhịp CPU, % of a core", ({ nhipCpu }) => nhipCpu / seconds * 100),
      row("to the clients, KiB", ({ bytesDown }) => bytesDown / 1_024),
      row("from the clients, KiB", ({ bytesUp }) => bytesUp / 1_024),
      row("to one client at its start, KiB", ({ openingBytes }) => openingBytes / 1_024),
      row("change to receipt, p50, ms", ({ p50 }) => p50),
      row("p99, ms", ({ p99 }) => p99),
      row("the slowest, ms", ({ max }) => max),
      row("change to acknowledgement, p50, ms", ({ acknowledgedMs }) => acknowledgedMs),
      row("changes not received", ({ missed }) => missed),
      row("connections cut off", ({ closed }) => closed),
    ],
  );
}

/** The bridge polls up to a twentieth sooner than the interval. */
const jitter = 1.05;
/** All clients of the bridge wait for the same few polls: their median is no finer than that. */
const uncertainty = 0.1;
/** What push adds to a poll: the comparison, the log and the way to 500 clients. */
const way = 0.05;

export function bridgeFigures(
  { polling, browsers, events, map, publishing }: Phases,
  { clients, everyMs }: { readonly clients: number; readonly everyMs: number },
): Figure[] {
  const bytes = ({ bytesDown, bytesUp }: Measured) => bytesDown + bytesUp;
  const share = (one: Measured, other: Measured) => bytes(one) / bytes(other) * 100;
  const missed = [polling, browsers, events, map, publishing].reduce((n, one) => n + one.missed, 0);
  return [
    figure("requests to the back end, polling beside the bridge", "×", {
      measured: polling.requests / events.requests,
      target: { atLeast: clients / jitter },
    }),
    figure("bytes, the bridge (SSE) beside polling", "%", {
      measured: share(events, polling),
      target: { atMost: 2 },
    }),
    figure("bytes, the bridge (WebSocket) beside polling", "%", {
      measured: share(map, polling),
      target: { atMost: 2 },
    }),
    figure("bytes, the bridge (SSE) beside polling as browsers do", "%", {
      measured: share(events, browsers),
    }),
    figure("back end CPU, the bridge (SSE) beside polling", "%", {
      measured: events.backEndCpu / polling.backEndCpu * 100,
    }),
    figure("delay p50, the bridge (SSE) beside polling", "×", {
      measured: events.p50 / polling.p50,
      target: { atMost: 1 + uncertainty },
    }),
    figure("delay p99, the bridge (SSE) beside polling", "×", {
      measured: events.p99 / polling.p99,
      target: { atMost: 1 + way },
    }),
    figure("delay p99, published: less than polling's by", "ms", {
      measured: polling.p99 - publishing.p99,
      target: { atLeast: 0.9 * everyMs },
    }),
    figure("changes not received", "", { measured: missed, target: { atMost: 0 } }),
  ];
}

function figure(
  what: string,
  unit: string,
  figure: { readonly measured: number; readonly target?: Target },
): Figure {
  return { what, unit, ...figure };
}
