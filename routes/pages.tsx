/** The pages: rendered on the server, brought to life by islands. */
import { Hono } from "hono";
import type { Config } from "../lib/config.ts";
import type { Store } from "../lib/store/mod.ts";

export interface PageDeps {
  readonly config: Config;
  readonly store: Store;
}

export function pageRoutes(_deps: PageDeps): Hono {
  const routes = new Hono();
  routes.get("/", (c) => c.html("<!doctype html><title>Nhịp</title>"));
  return routes;
}
