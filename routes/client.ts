/**
 * The client for pages and programs that load it from the server, at addresses that stay:
 * `/client.js`, its types and its source map.
 */
import { type Context, Hono } from "hono";
import type { Config } from "../lib/config.ts";
import { answerAsset, type AssetLoader } from "./pages/assets.ts";
import { problem } from "./problem.ts";

const suffix = /\.js$/;

export function clientRoutes(assets: AssetLoader, { mode }: Pick<Config, "mode">): Hono {
  const routes = new Hono();
  // A development build changes at any time.
  const caching = mode === "dev" ? "no-cache" : "public, max-age=300, must-revalidate";
  const answer = async (c: Context) => {
    const name = c.req.path.slice(1);
    const asset = (await assets()).named(name);
    if (asset === undefined) return problem(c, 404, `no ${c.req.method} ${c.req.path}`);
    const headers = {
      // Weak, for it is the same whether compressed or not.
      etag: `W/"${asset.file}"`,
      "cache-control": caching,
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      ...(suffix.test(name) && linksOf(name)),
    };
    return isKnown(c.req.header("if-none-match"), headers.etag)
      ? c.body(null, 304, { ...headers, vary: "accept-encoding" })
      : answerAsset(c, asset, headers);
  };
  routes.get("/client/:file", answer);
  for (const path of ["/client.js", "/client.js.map", "/client.d.ts"]) routes.get(path, answer);
  return routes;
}

/** In headers, where they cost no byte of the script. Beside it: a proxy may have moved both. */
function linksOf(name: string): Readonly<Record<string, string>> {
  const file = name.slice(name.lastIndexOf("/") + 1);
  return {
    "x-typescript-types": `./${file.replace(suffix, ".d.ts")}`,
    sourcemap: `${file}.map`,
  };
}

function isKnown(header: string | undefined, etag: string): boolean {
  return header?.split(",").some((one) => one.trim() === etag) ?? false;
}
