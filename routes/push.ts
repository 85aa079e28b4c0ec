/** Web Push for staff: the server's key, their browsers' subscriptions, and the service worker. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { languages } from "../islands/language.ts";
import type { TokenVerifier } from "../lib/auth/tokens.ts";
import { type Push, PushRefusal } from "../lib/push/mod.ts";
import { maxEndpointLength } from "../lib/push/services.ts";
import { identify, requireOrigin } from "./access.ts";
import { boundedBody } from "./body.ts";
import { answerAsset, type AssetLoader } from "./pages/assets.ts";
import { check, Problem, problem, refuseOtherBodies } from "./problem.ts";

export interface PushRoutesDeps {
  readonly push: Push;
  readonly tokens: TokenVerifier | null;
  readonly assets: AssetLoader;
  readonly allowedOrigins: readonly string[];
}

type PushEnv = { Variables: { user: string } };

// A little longer, so that it is the server's rules that say what is too long.
const endpoint = z.string().min(1).max(maxEndpointLength * 2);
const base64url = (max: number) => z.string().max(max).regex(/^[\w-]+=*$/, "is not base64url");
const auth = base64url(32);
const subscription = z.object({
  endpoint,
  keys: z.object({ p256dh: base64url(128), auth }),
  /** Unix milliseconds, as `PushSubscription` has it. */
  expirationTime: z.int().nullish().transform((time) => time ?? null),
});
const subscribeBody = subscription.extend({ language: z.enum(languages).default("en") });
const unsubscribeBody = z.object({ endpoint });
const replaceBody = z.object({ old: z.object({ endpoint, auth }), subscription });

const maxBodyBytes = 16 * 1024;

export function pushRoutes(
  { push, tokens, assets, allowedOrigins }: PushRoutesDeps,
): Hono<PushEnv> {
  const routes = new Hono<PushEnv>();
  routes.get("/service_worker.js", (c) => serviceWorker(c, assets));
  routes.use("/push/*", requireOrigin(allowedOrigins), requirePush(push));
  routes.on(
    ["POST", "PUT", "DELETE"],
    "/push/*",
    boundedBody({ maxBytes: maxBodyBytes }),
    refuseOtherBodies,
  );
  /** No secret: every browser that subscribes shows it to its push service. */
  routes.get("/push/key", (c) => {
    return c.json({ key: push.publicKey }, 200, { "cache-control": "no-cache" });
  });
  const staff = requireStaff(tokens);
  routes.post("/push/subscriptions", staff, check("json", subscribeBody), async (c) => {
    const done = await push.subscribe(c.get("user"), c.req.valid("json")).catch(asRefusal);
    return c.body(null, done === "created" ? 201 : 204);
  });
  routes.delete("/push/subscriptions", staff, check("json", unsubscribeBody), async (c) => {
    await push.unsubscribe(c.get("user"), c.req.valid("json").endpoint);
    return c.body(null, 204);
  });
  // From a service worker, which has no token: it shows that it is the browser that subscribed.
  routes.put("/push/subscriptions", check("json", replaceBody), async (c) => {
    const { old, subscription } = c.req.valid("json");
    const known = await push.replace(old, subscription).catch(asRefusal);
    return known ? c.body(null, 204) : problem(c, 404, "no such subscription");
  });
  return routes;
}

function requirePush({ publicKey }: Push): MiddlewareHandler {
  return async (_c, next) => {
    if (publicKey === null) {
      throw new HTTPException(404, { message: "web push is off: set VAPID_KEYS" });
    }
    await next();
  };
}

/** A token of staff that names its user: a push has to be somebody's. */
function requireStaff(tokens: TokenVerifier | null): MiddlewareHandler<PushEnv> {
  return async (c, next) => {
    const { anonymous, user, role } = await identify(c, tokens);
    if (anonymous) throw new HTTPException(401, { message: "a bearer token is needed" });
    if (role !== "staff" && role !== "admin") {
      throw new HTTPException(403, { message: `the token's role is not "staff"` });
    }
    if (user === "") {
      throw new HTTPException(403, { message: "the token names no user (sub)" });
    }
    c.set("user", user);
    await next();
  };
}

function asRefusal(error: unknown): never {
  if (!(error instanceof PushRefusal)) throw error;
  if (error.reason === "bad") throw new Problem(400, error.message);
  throw new HTTPException(409, { message: error.message });
}

/** At the root, for a service worker rules what is below its own address. */
async function serviceWorker(c: Context, assets: AssetLoader): Promise<Response> {
  const asset = (await assets()).named("service_worker.js");
  if (asset === undefined) return problem(c, 404, `no ${c.req.method} ${c.req.path}`);
  return answerAsset(c, asset, {
    // Its content is compared on every visit.
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'none'; connect-src 'self'",
  });
}
