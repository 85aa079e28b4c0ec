/** What the dashboard's lists have in common. */
import type { ComponentChildren } from "preact";
import { WindowList } from "../window_list.tsx";
import type { Listing } from "./listing.ts";
import type { Live } from "./live.ts";

interface PanelProps<Item> {
  readonly live: Live;
  readonly id: string;
  readonly heading: string;
  readonly list: Listing<Item>;
  /** Those of the list that are to be shown; null: not known yet. */
  readonly items: readonly Item[] | null;
  /** What they are chosen by; "": they are all. */
  readonly filter?: string;
  /** What to say where there is nothing to list. */
  readonly empty: string;
  /** What leads to so many rows that came above what one looks at; absent: that they are new. */
  readonly newer?: (count: string) => string;
  /** What stands beside the heading. */
  readonly aside?: ComponentChildren;
  /** What stands above the list. */
  readonly tools?: ComponentChildren;
  readonly children: (item: Item) => ComponentChildren;
}

/** A heading and a list that scrolls within itself, so that news moves nothing else on the page. */
export function Panel<Item>(props: PanelProps<Item>) {
  const { live, id, heading, list, items, filter = "", empty, aside, tools, children } = props;
  const { page, texts } = live;
  const { newer = texts.newer } = props;
  if (page.access.value !== "granted") return null;
  const headingId = `${id}-heading`;
  const count = list.count.value;
  return (
    <div class="panel" data-stale={page.connection.staleSince.value === null ? undefined : ""}>
      <div class="heading">
        <h2 id={headingId}>
          {`${heading} `}
          <span class="count">{count === null ? "" : page.format.number(count)}</span>
        </h2>
        {aside}
      </div>
      {tools}
      {items !== null && items.length > 0
        ? (
          <WindowList
            items={items}
            keyOf={list.keyOf}
            id={id}
            labelledBy={headingId}
            about={filter}
            newer={(count) => newer(page.format.number(count))}
          >
            {children}
          </WindowList>
        )
        : (
          <p class="empty" id={id} key={items === null ? "loading" : filter}>
            {items === null ? page.texts.loading : filter === "" ? empty : texts.noneFound}
          </p>
        )}
    </div>
  );
}
