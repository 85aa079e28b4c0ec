/** The script of a state channel's page. */
import { hydrate } from "preact";
import { LiveBadge } from "./live/badge.tsx";
import { follow } from "./live/feed.ts";
import type { LivePageState } from "./live/page.ts";
import { LiveTable } from "./live/table.tsx";
import { LiveView } from "./live/view.ts";
import { readPageState } from "./page_state.ts";

const view = new LiveView(readPageState<LivePageState>(document));
const places = {
  badge: <LiveBadge view={view} />,
  table: <LiveTable view={view} />,
};
for (const [name, island] of Object.entries(places)) {
  const element = document.querySelector(`[data-island="${name}"]`);
  if (element !== null) hydrate(island, element);
}
view.timeZone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
follow(view);
