/** What the dashboard's lists have in common. */
import type { ComponentChildren } from "preact";
import type { List } from "./lists.ts";
import type { Live } from "./live.ts";

interface PanelProps<Item> {
  readonly live: Live;
  readonly id: string;
  readonly heading: string;
  /** null: not known yet. */
  readonly list: List<Item> | null;
  /** What to say where there is nothing to list. */
  readonly empty: string;
  readonly children: (item: Item) => ComponentChildren;
}

/** A heading and a list that scrolls within itself, so that news moves nothing else on the page. */
export function Panel<Item>({ live, id, heading, list, empty, children }: PanelProps<Item>) {
  if (live.page.access.value !== "granted") return null;
  const headingId = `${id}-heading`;
  return (
    <div class="panel" data-stale={live.page.connection.staleSince.value === null ? undefined : ""}>
      <h2 id={headingId}>
        {heading} <span class="count">{howMany(live, list)}</span>
      </h2>
      {list !== null && list.items.length > 0
        ? (
          // Focusable, for a keyboard has no other way to scroll it.
          <ul class="list" id={id} tabIndex={0} aria-labelledby={headingId}>
            {list.items.map(children)}
          </ul>
        )
        : <p class="empty" id={id}>{list === null ? live.page.texts.loading : empty}</p>}
    </div>
  );
}

function howMany<Item>({ page: { format } }: Live, list: List<Item> | null): string {
  return list === null || list.count === null ? "" : format.number(list.count);
}
