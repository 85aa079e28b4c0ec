import type { MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { isLoopback, isOwnHost } from "../lib/auth/host.ts";
import type { Config } from "../lib/config.ts";

/**
 * In development, on a server that this machine alone reaches: refuses requests for another host
 * than itself; 403. A page whose name was made to lead here would pass for the server's own.
 */
export function requireOwnHost({ mode, host }: Pick<Config, "mode" | "host">): MiddlewareHandler {
  const isGuarded = mode === "dev" && isLoopback(host);
  return async (c, next) => {
    const asked = c.req.header("host") ?? new URL(c.req.url).host;
    if (isGuarded && !isOwnHost(asked, host)) {
      throw new HTTPException(403, {
        message: `Host "${asked.slice(0, 100)}" is neither an address nor localhost nor HOST`,
      });
    }
    await next();
  };
}
