/** How the page is connected, and how fast news travels. */
import type { Status } from "../../lib/client/mod.ts";
import { QualityDetails } from "../quality.tsx";
import type { Live } from "./live.ts";

export function Badge({ live }: { live: Live }) {
  const { texts, language, format, connection, quality, latencies } = live;
  if (live.access.value !== "granted") return null;
  const state = connection.value;
  const measured = latencies.value;
  return (
    <div class="badge" data-state={state.name} aria-label={texts.connection} role="group">
      {/* Only what changes seldom is told to screen readers. */}
      <span class="state" role="status">{describe(live, state)}</span>
      <QualityDetails
        language={language}
        format={format}
        quality={quality.value}
        latencies={measured}
      >
        <span class="latency">
          {state.name !== "online" || measured === null
            ? texts.noLatency
            : texts.latency(String(measured.last), String(measured.median))}
        </span>
      </QualityDetails>
    </div>
  );
}

function describe(live: Live, state: Status): string {
  const { texts, staleSince, format } = live;
  const asOf = !live.wasOnline || staleSince.value === null
    ? null
    : texts.staleSince(format.clock(staleSince.value));
  switch (state.name) {
    case "online":
      return `${texts.transport[state.transport]} · ${texts.live}`;
    case "closed":
      return state.code === 0 ? texts.closed : `${texts.closed}: ${state.reason}`;
    case "offline":
      return asOf === null ? texts.offline : `${texts.offline} · ${asOf}`;
    case "idle":
      return `${texts.connecting}…`;
    case "connecting":
    case "waiting":
      return asOf === null ? `${texts.connecting}…` : `${texts.reconnecting}… ${asOf}`;
  }
}
