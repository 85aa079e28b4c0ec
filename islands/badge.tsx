/** How the page is connected, and behind a button how well. */
import type { ComponentChildren } from "preact";
import { disconnects } from "../lib/protocol/disconnects.ts";
import type { Page } from "./page.ts";
import { QualityDetails } from "./quality.tsx";
import { transportNames } from "./texts.ts";

interface BadgeProps {
  readonly page: Page;
  /** What the page shows is old although the connection is well; what to say of it. */
  readonly stale?: string | undefined;
  /** What stands on the button; absent: the latency. */
  readonly children?: ComponentChildren;
}

export function Badge({ page, stale, children }: BadgeProps) {
  const { texts, language, format, connection } = page;
  if (page.access.value !== "granted") return null;
  const state = connection.status.value;
  return (
    <div
      class="badge"
      data-state={stale === undefined ? state.name : "stale"}
      aria-label={texts.connection}
      role="group"
    >
      {/* Only what changes seldom is told to screen readers. */}
      <span class="state" role="status">{describe(page, stale)}</span>
      <QualityDetails
        language={language}
        format={format}
        quality={connection.quality.value}
        latencies={connection.latencies.value}
      >
        {children !== undefined ? <span class="latency">{children}</span> : <Latency page={page} />}
      </QualityDetails>
    </div>
  );
}

/** On a phone the last one alone. A new reading is another element: nothing is moved by it. */
function Latency({ page: { texts, format, connection } }: Pick<BadgeProps, "page">) {
  const latencies = connection.latencies.value;
  if (connection.status.value.name !== "online" || latencies === null) {
    return <span class="latency unknown">{texts.noLatency}</span>;
  }
  const last = texts.latency(format.number(latencies.last));
  const median = texts.median(format.number(latencies.median));
  return (
    <span class="latency" key={`${last} ${median}`}>
      {last}
      <span class="median">
        {" · "}
        {median}
      </span>
    </span>
  );
}

/** What belongs together is joined by a middle dot, whatever the state. */
function describe({ texts, connection, format }: Page, stale: string | undefined): string {
  const state = connection.status.value;
  const since = connection.staleSince.value;
  const asOf = !connection.wasOnline || since === null
    ? null
    : texts.staleSince(format.clock(since));
  switch (state.name) {
    case "online":
      return `${transportNames[state.transport]} · ${stale ?? texts.live}`;
    case "closed":
      if (state.code === 0) return texts.closed;
      if (state.code === disconnects.forceNoReconnect.code) {
        return `${texts.closed} · ${texts.reload}`;
      }
      return `${texts.closed} · ${state.reason}`;
    case "offline":
      return asOf === null ? texts.offline : `${texts.offline} · ${asOf}`;
    case "idle":
      return `${texts.connecting}…`;
    case "connecting":
    case "waiting":
      return asOf === null ? `${texts.connecting}…` : `${texts.reconnecting} · ${asOf}`;
  }
}
