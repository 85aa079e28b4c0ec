/** The pages: rendered on the server, brought to life by islands. */
import { type Context, Hono } from "hono";
import type { VNode } from "preact";
import { render } from "preact-render-to-string";
import { room } from "../islands/dashboard/lists.ts";
import type { PageState } from "../islands/page.ts";
import type { Config } from "../lib/config.ts";
import type { MapTiles } from "../lib/map_tiles.ts";
import type { Node } from "../lib/node/node.ts";
import type { Store } from "../lib/store/mod.ts";
import { answerAsset, type AssetLoader } from "./pages/assets.ts";
import { ChatPage, chatPageState, queryOf } from "./pages/chat.tsx";
import { ComparePage, comparePageState } from "./pages/compare.tsx";
import { DashboardPage } from "./pages/dashboard.tsx";
import { DriverPage, driverPageState } from "./pages/driver.tsx";
import { InspectPage, inspectPageState } from "./pages/inspect.tsx";
import { LivePage, livePageState } from "./pages/live.tsx";
import { mapAssets } from "./pages/map.ts";
import { pageState } from "./pages/visitor.ts";
import { problem } from "./problem.ts";

export interface PageDeps {
  readonly config: Config;
  readonly node: Pick<Node, "registry">;
  readonly store: Store;
  readonly assets: AssetLoader;
}

/** Nothing but the page's own files runs or is shown, and the map's tiles; nobody frames it. */
const contentSecurityPolicy = (tiles: MapTiles | null) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    // Tabs that share a connection.
    "worker-src 'self'",
    "style-src 'self'",
    ["img-src 'self'", ...tiles === null ? [] : [tiles.origin]].join(" "),
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
/** What no page uses nobody may ask the reader for. */
const permissionsPolicy = (locates: boolean) => {
  const own = locates ? "(self)" : "()";
  return `camera=(), geolocation=${own}, microphone=(), screen-wake-lock=${own}`;
};
const pageHeaders = {
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  // It may hold the shop's state and a token.
  "cache-control": "no-store",
  vary: "accept-language",
} as const;

export function pageRoutes(deps: PageDeps): Hono {
  const { config, assets, store } = deps;
  const routes = new Hono();
  routes.get("/", async (c) => {
    const page = await pageState(c, config, { sub: "staff", role: "staff" });
    const snapshot = page.access === "granted" ? await store.snapshot(room) : null;
    const pushKey = config.push?.keys.publicKey ?? null;
    const files = await assets();
    const own = { snapshot, charts: files.address("charts.js"), now: Date.now() };
    const state = { ...page, ...own, pushKey, map: mapAssets(files, config) };
    const shown = <DashboardPage state={state} assets={files} />;
    return document(c, state, shown, { tiles: config.mapTiles });
  });
  routes.get("/driver", async (c) => {
    const files = await assets();
    const state = await driverPageState(c, config, files);
    const page = <DriverPage state={state} assets={files} query={queryOf(c)} />;
    return document(c, state, page, { tiles: config.mapTiles, locates: true });
  });
  routes.get("/chat/:room", async (c) => {
    const state = await chatPageState(c, deps);
    if (state === null) return problem(c, 404, `no room ${c.req.param("room")}`);
    const page = <ChatPage state={state} assets={await assets()} query={queryOf(c)} />;
    return document(c, state, page);
  });
  routes.get("/inspect", async (c) => {
    const state = await inspectPageState(c, config);
    return document(c, state, <InspectPage state={state} assets={await assets()} />);
  });
  routes.get("/compare", async (c) => {
    const state = await comparePageState(c, config);
    return document(c, state, <ComparePage state={state} assets={await assets()} />);
  });
  routes.get("/live/:channel", async (c) => {
    const state = await livePageState(c, c.req.param("channel"), deps);
    if (state === null) return problem(c, 404, noLivePage(c, config));
    return document(c, state, <LivePage state={state} assets={await assets()} />);
  });
  routes.get("/static/:file", async (c) => {
    const asset = (await assets()).get(c.req.param("file"));
    if (asset === undefined) return problem(c, 404, `no ${c.req.method} ${c.req.path}`);
    // The name changes with the content.
    return answerAsset(c, asset, { "cache-control": "public, max-age=31536000, immutable" });
  });
  return routes;
}

interface Needs {
  /** Of the map that it has. */
  readonly tiles?: MapTiles | null;
  /** Whether it asks for the device's position, and keeps its screen on. */
  readonly locates?: boolean;
}

function document(
  c: Context,
  { language }: PageState,
  page: VNode,
  { tiles = null, locates = false }: Needs = {},
) {
  const headers = {
    ...pageHeaders,
    "content-security-policy": contentSecurityPolicy(tiles),
    "permissions-policy": permissionsPolicy(locates),
    "content-language": language,
  };
  return c.html(`<!doctype html>${render(page)}`, 200, headers);
}

/** In production there is no such page, whatever the channel. */
function noLivePage(c: Context, { mode }: Config): string {
  return mode === "dev"
    ? `${c.req.param("channel")} is no state channel that this page may subscribe to`
    : `no ${c.req.method} ${c.req.path}`;
}
