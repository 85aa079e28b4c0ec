/** How the page is connected, and how fast news travels. */
import type { Status } from "../../lib/client/mod.ts";
import type { Live } from "./live.ts";

export function Badge({ live }: { live: Live }) {
  const { texts, connection, latencies } = live;
  if (live.access.value !== "granted") return null;
  const state = connection.value;
  const measured = latencies.value;
  return (
    <div class="badge" data-state={state.name} aria-label={texts.connection} role="group">
      {/* Only what changes seldom is told to screen readers. */}
      <span class="state" role="status">{describe(live, state)}</span>
      {state.name === "online" && (
        <span class="latency">
          {measured === null
            ? texts.noLatency
            : texts.latency(String(measured.last), String(measured.median))}
        </span>
      )}
    </div>
  );
}

function describe(live: Live, state: Status): string {
  const { texts, staleSince, format } = live;
  switch (state.name) {
    case "online":
      return `${texts.transport[state.transport]} · ${texts.live}`;
    case "closed":
      return state.code === 0 ? texts.closed : `${texts.closed}: ${state.reason}`;
    case "idle":
      return `${texts.connecting}…`;
    case "offline":
      return texts.offline;
    case "connecting":
    case "waiting": {
      if (!live.wasOnline || staleSince.value === null) return `${texts.connecting}…`;
      return `${texts.reconnecting}… ${texts.staleSince(format.clock(staleSince.value))}`;
    }
  }
}
