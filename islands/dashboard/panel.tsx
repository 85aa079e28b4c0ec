/** What the dashboard's lists have in common. */
import type { ComponentChildren } from "preact";
import type { Live } from "./live.ts";

interface PanelProps {
  readonly live: Live;
  readonly id: string;
  readonly heading: string;
  readonly count: number;
  /** What to say where there is nothing to list. */
  readonly empty: string;
  readonly children: ComponentChildren;
}

/** A heading and a list that scrolls within itself, so that news moves nothing else on the page. */
export function Panel({ live, id, heading, count, empty, children }: PanelProps) {
  if (live.access.value !== "granted") return null;
  const headingId = `${id}-heading`;
  return (
    <div class="panel" data-stale={live.staleSince.value === null ? undefined : ""}>
      <h2 id={headingId}>
        {heading} <span class="count">{live.format.number(count)}</span>
      </h2>
      {count > 0
        ? (
          // Focusable, for a keyboard has no other way to scroll it.
          <ul class="list" id={id} tabIndex={0} aria-labelledby={headingId}>{children}</ul>
        )
        : <p class="empty" id={id}>{whyEmpty(live, empty)}</p>}
    </div>
  );
}

function whyEmpty({ loading, texts }: Live, empty: string): string {
  switch (loading.value) {
    case "loading":
      return texts.loading;
    case "failed":
      return texts.loadFailed;
    case "loaded":
      return empty;
  }
}
