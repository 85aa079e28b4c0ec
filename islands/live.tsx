/** The script of a state channel's page. */
import { hydrateIslands } from "./island.tsx";
import { LiveBadge } from "./live/badge.tsx";
import { follow } from "./live/feed.ts";
import type { LivePageState } from "./live/page.ts";
import { LiveTable } from "./live/table.tsx";
import { LiveView } from "./live/view.ts";
import { readPageState } from "./page_state.ts";

const state = readPageState<LivePageState>(document);
const view = new LiveView(state);
hydrateIslands({ badge: <LiveBadge view={view} />, table: <LiveTable view={view} /> });
follow(view, state);
