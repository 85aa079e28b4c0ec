/** The dashboard's script. */
import { ShopFeed } from "./dashboard/feed.ts";
import { Live } from "./dashboard/live.ts";
import { forgetToken, takeToken } from "./dashboard/token.ts";
import { hydrateIslands } from "./island.tsx";
import { readPageState } from "./page_state.ts";

const state = readPageState(document);
const live = new Live(state);
hydrateIslands(document, live);
live.timeZone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (state.grant !== null) new ShopFeed(live, state.grant.token);
else if (state.shop) waitForToken();

function waitForToken(): void {
  let feed: ShopFeed | undefined;
  const begin = () => {
    const token = takeToken();
    if (token === null) return;
    feed?.close();
    live.access.value = "granted";
    feed = new ShopFeed(live, token);
  };
  live.access.subscribe((access) => {
    if (access === "refused") forgetToken();
  });
  // The token may be put at the end of the address of a page that is open already.
  addEventListener("hashchange", begin);
  begin();
}
