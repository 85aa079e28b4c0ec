/** The shop's vehicles over REST, below /store. */
import type { Context, Hono, MiddlewareHandler } from "hono";
import type { Role } from "../lib/auth/identity.ts";
import type { Store } from "../lib/store/mod.ts";
import * as shape from "../lib/store/shapes.ts";
import { check, refuseOtherBodies } from "./problem.ts";
import { rateLimit } from "./rate_limit.ts";

interface VehicleRoutesDeps {
  readonly store: Store;
  /** Who may read. */
  readonly authorize: MiddlewareHandler;
  /** Who may say where the vehicle `:id` is. */
  readonly authorizeVehicle: MiddlewareHandler;
  /** Unix milliseconds. */
  readonly now: () => number;
}

type Env = { Variables: { user?: string; role?: Role } };

/** Requests of one driver: so many at once, and one more each `everyMs`. */
const driversPace = { most: 30, everyMs: 500 };

export function addVehicles(routes: Hono<Env>, deps: VehicleRoutesDeps): void {
  const { store, authorize, authorizeVehicle, now } = deps;
  const id = check("param", shape.vehicleParam);
  const bounded = rateLimit({ ...driversPace, now, nameOf: driverOf, what: "reports" });
  routes.get("/vehicles", authorize, check("query", shape.vehiclesQuery), async (c) => {
    const { limit, after } = c.req.valid("query");
    const { items, next } = await store.listVehicles({ limit, from: after });
    return c.json({ vehicles: items, next });
  });
  routes.put(
    "/vehicles/:id/position",
    authorizeVehicle,
    bounded,
    id,
    refuseOtherBodies,
    check("json", shape.positionBody),
    async (c) =>
      c.json(await store.moveVehicle({ ...c.req.valid("json"), ...c.req.valid("param") })),
  );
  routes.post(
    "/vehicles/:id/positions",
    authorizeVehicle,
    bounded,
    id,
    refuseOtherBodies,
    check("json", shape.positionsBody),
    async (c) => {
      const { positions } = c.req.valid("json");
      return c.json(await store.moveVehicleAlong({ ...c.req.valid("param"), positions }));
    },
  );
  routes.delete("/vehicles/:id", authorizeVehicle, bounded, id, async (c) => {
    await store.withdrawVehicle(c.req.valid("param").id);
    return c.body(null, 204);
  });
}

/** Back ends and staff report as much as they have to. */
function driverOf(c: Context<Env>): string | undefined {
  return c.get("role") === "driver" ? c.get("user") : undefined;
}
