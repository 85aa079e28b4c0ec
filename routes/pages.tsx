/** The pages: rendered on the server, brought to life by islands. */
import { type Context, Hono } from "hono";
import { render } from "preact-render-to-string";
import { room } from "../islands/dashboard/lists.ts";
import type { DashboardState } from "../islands/dashboard/live.ts";
import type { Language } from "../islands/language.ts";
import { isAddress } from "../lib/auth/host.ts";
import { signToken } from "../lib/auth/tokens.ts";
import type { Config } from "../lib/config.ts";
import type { Node } from "../lib/node/node.ts";
import type { Store } from "../lib/store/mod.ts";
import { answerAsset, type AssetLoader } from "./pages/assets.ts";
import { DashboardPage } from "./pages/dashboard.tsx";
import { chooseLanguage } from "./pages/language.ts";
import { LivePage, livePageState } from "./pages/live.tsx";
import { problem } from "./problem.ts";

export interface PageDeps {
  readonly config: Config;
  readonly node: Pick<Node, "registry">;
  readonly store: Store;
  readonly assets: AssetLoader;
}

/** Nothing but the page's own files runs or is shown, and nobody frames it. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  // Tabs that share a connection.
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
const pageHeaders = {
  "content-security-policy": contentSecurityPolicy,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  // It may hold the shop's state and a token.
  "cache-control": "no-store",
  vary: "accept-language",
} as const;

export function pageRoutes(deps: PageDeps): Hono {
  const routes = new Hono();
  const { assets } = deps;
  routes.get("/", async (c) => {
    const language = chooseLanguage(c.req.query("lang"), c.req.header("accept-language"));
    const state = await dashboardState(deps, language, isAddress(c.req.header("host")));
    const page = <DashboardPage state={state} assets={await assets()} />;
    const headers = { ...pageHeaders, "content-language": language };
    return c.html(`<!doctype html>${render(page)}`, 200, headers);
  });
  routes.get("/live/:channel", async (c) => {
    const language = chooseLanguage(c.req.query("lang"), c.req.header("accept-language"));
    const trusted = isAddress(c.req.header("host"));
    const state = await livePageState(c.req.param("channel"), { ...deps, language, trusted });
    if (state === null) return problem(c, 404, noLivePage(c, deps.config));
    const page = <LivePage state={state} assets={await assets()} />;
    const headers = { ...pageHeaders, "content-language": language };
    return c.html(`<!doctype html>${render(page)}`, 200, headers);
  });
  routes.get("/static/:file", async (c) => {
    const asset = (await assets()).get(c.req.param("file"));
    if (asset === undefined) return problem(c, 404, `no ${c.req.method} ${c.req.path}`);
    // The name changes with the content.
    return answerAsset(c, asset, { "cache-control": "public, max-age=31536000, immutable" });
  });
  return routes;
}

/** In production there is no such page, whatever the channel. */
function noLivePage(c: Context, { mode }: Config): string {
  return mode === "dev"
    ? `${c.req.param("channel")} is no state channel that this page may subscribe to`
    : `no ${c.req.method} ${c.req.path}`;
}

/** `dev` shows the shop to everybody who can reach it; otherwise a token is asked for. */
async function dashboardState(
  { config, store }: PageDeps,
  language: Language,
  trusted: boolean,
): Promise<DashboardState> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const page = { language, timeZone };
  if (!config.shop) return { ...page, access: "off", token: null, snapshot: null };
  if (!trusted || config.mode !== "dev" || !("secret" in config.tokens)) {
    return { ...page, access: "needed", token: null, snapshot: null };
  }
  const [snapshot, token] = await Promise.all([
    store.snapshot(room),
    signToken(config.tokens.secret, { sub: "staff", role: "staff" }),
  ]);
  return { ...page, access: "granted", token, snapshot };
}
