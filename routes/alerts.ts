/** The shop's alerts over REST, below /store. */
import type { Context, Hono, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { isStaff, type Role } from "../lib/auth/identity.ts";
import type { Store } from "../lib/store/mod.ts";
import * as shape from "../lib/store/shapes.ts";
import { check, Problem, refuseOtherBodies } from "./problem.ts";
import { rateLimit } from "./rate_limit.ts";

interface AlertRoutesDeps {
  readonly store: Store;
  /** Who may read. */
  readonly authorize: MiddlewareHandler;
  /** Who may acknowledge and close. */
  readonly authorizeWrite: MiddlewareHandler;
  /** Who may report; where it sets `user`, that is who reports. */
  readonly authorizeReport: MiddlewareHandler;
  /** Unix milliseconds. */
  readonly now: () => number;
}

type Env = { Variables: { user?: string; role?: Role } };

/** Reports of one user to one isolate: so many at once, and one more each `everyMs`. */
const reports = { most: 10, everyMs: 6_000 };

export function addAlerts(routes: Hono<Env>, deps: AlertRoutesDeps): void {
  const { store, authorize, authorizeWrite, authorizeReport, now } = deps;
  const id = check("param", shape.alertParam);
  routes.get("/alerts", authorize, check("query", shape.alertsQuery), async (c) => {
    const { limit, after } = c.req.valid("query");
    const { items, next } = await store.listAlerts({ limit, from: after });
    return c.json({ alerts: items, next });
  });
  routes.post(
    "/alerts",
    authorizeReport,
    rateLimit({ ...reports, now, nameOf: reporter, what: "reports" }),
    refuseOtherBodies,
    check("json", shape.reportBody),
    async (c) => {
      const report = { ...c.req.valid("json"), by: c.get("user") ?? null };
      const { alert, created } = await store.reportProblem(report);
      return c.json(alert, created ? 201 : 200);
    },
  );
  routes.post(
    "/alerts/:id/acknowledge",
    authorizeWrite,
    id,
    refuseOtherBodies,
    check("json", shape.acknowledgeBody),
    async (c) => {
      const by = actor(c) ?? c.req.valid("json").by;
      if (by === undefined) throw new Problem(400, "by: required");
      return c.json(await store.acknowledgeAlert({ ...c.req.valid("param"), by }));
    },
  );
  routes.delete("/alerts/:id", authorizeWrite, id, async (c) => {
    const by = actor(c) ?? null;
    return c.json(await store.closeAlert({ ...c.req.valid("param"), by }));
  });
}

/** The token's user, who is shown to the others; undefined: a back end. @throws HTTPException 403 */
function actor(c: Context<Env>): string | undefined {
  const user = c.get("user");
  if (user !== "") return user;
  throw new HTTPException(403, { message: "the token names no user (sub)" });
}

/** Back ends and staff report as much as they have to. */
function reporter(c: Context<Env>): string | undefined {
  return isStaff(c.get("role")) ? undefined : c.get("user");
}
