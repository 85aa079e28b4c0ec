/** The example shop's REST interface, to be mounted at /store. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Role } from "../lib/auth/identity.ts";
import { StoreError } from "../lib/store/errors.ts";
import type { Store } from "../lib/store/mod.ts";
import * as shape from "../lib/store/shapes.ts";
import { addAlerts } from "./alerts.ts";
import { boundedBody } from "./body.ts";
import { addChat } from "./chat.ts";
import { check, Problem, problem, refuseOtherBodies } from "./problem.ts";
import { addVehicles } from "./vehicles.ts";

export interface StoreRoutesDeps {
  readonly store: Store;
  /** Who may read. */
  readonly authorize: MiddlewareHandler;
  /** Who may change orders, stock and alerts. */
  readonly authorizeWrite: MiddlewareHandler;
  /** Who may say where the vehicle `:id` is; absent: who may change the rest. */
  readonly authorizeVehicle?: MiddlewareHandler;
  /**
   * Who may post chat messages and report problems; where it sets `user`, that is the author, else a
   * message's body names one.
   */
  readonly authorizeChat: MiddlewareHandler;
  /** Told of what was our fault; the client is told 500 and no more. */
  readonly onError?: (error: unknown) => void;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

type StoreEnv = { Variables: { user?: string; role?: Role } };
type Part = Pick<StoreRoutesDeps, "store" | "authorize" | "authorizeWrite">;

const maxBodyBytes = 256 * 1024;

export function storeRoutes(
  { onError = () => {}, now = Date.now, ...deps }: StoreRoutesDeps,
): Hono<StoreEnv> {
  const routes = new Hono<StoreEnv>();
  routes.on(["POST", "PUT", "PATCH", "DELETE"], "*", boundedBody({ maxBytes: maxBodyBytes }));
  addOrders(routes, deps);
  addStock(routes, deps);
  addVehicles(routes, { authorizeVehicle: deps.authorizeWrite, ...deps, now });
  addChat(routes, { ...deps, now });
  addAlerts(routes, { ...deps, now, authorizeReport: deps.authorizeChat });
  routes.onError((error, c) => asProblem(error, c, onError));
  // Not `notFound`: mounted, that would be the parent's.
  routes.all("*", (c) => problem(c, 404, `no ${c.req.method} ${c.req.path}`));
  return routes;
}

/** In place of `storeRoutes` where the shop is off. */
export function closedStoreRoutes(): Hono<StoreEnv> {
  const routes = new Hono<StoreEnv>();
  routes.all("*", (c) => problem(c, 404, "the example shop is off: set SHOP=on"));
  return routes;
}

function asProblem(error: Error, c: Context, onError: (error: unknown) => void): Response {
  if (error instanceof StoreError || error instanceof Problem) {
    if (error.status === 503) c.header("Retry-After", "1");
    return problem(c, error.status, error.message, "reason" in error ? error.reason : {});
  }
  if (error instanceof HTTPException && error.status < 500) {
    return problem(c, error.status, error.message);
  }
  onError(error);
  return problem(c, 500, "the request failed; it is not your fault");
}

function addOrders(routes: Hono<StoreEnv>, { store, authorize, authorizeWrite }: Part): void {
  const id = check("param", shape.orderParam);
  routes.post(
    "/orders",
    authorizeWrite,
    refuseOtherBodies,
    check("json", shape.orderBody),
    async (c) => {
      const { order, created } = await store.placeOrder(c.req.valid("json"));
      return c.json(order, created ? 201 : 200);
    },
  );
  routes.get("/orders", authorize, check("query", shape.ordersQuery), async (c) => {
    const { limit, status, before } = c.req.valid("query");
    const { items, next } = await store.listOrders({ limit, status, from: before });
    return c.json({ orders: items, next });
  });
  routes.get("/orders/:id", authorize, id, async (c) => {
    return c.json(await store.getOrder(c.req.valid("param").id));
  });
  routes.patch(
    "/orders/:id",
    authorizeWrite,
    id,
    refuseOtherBodies,
    check("json", shape.statusBody),
    async (c) => c.json(await store.setStatus(c.req.valid("param").id, c.req.valid("json").status)),
  );
  routes.delete("/orders/:id", authorizeWrite, id, async (c) => {
    return c.json(await store.setStatus(c.req.valid("param").id, "cancelled"));
  });
}

function addStock(routes: Hono<StoreEnv>, { store, authorize, authorizeWrite }: Part): void {
  const sku = check("param", shape.skuParam);
  routes.get("/stock", authorize, check("query", shape.stockQuery), async (c) => {
    const { limit, after } = c.req.valid("query");
    const { items, next } = await store.listStock({ limit, from: after });
    return c.json({ stock: items, next });
  });
  routes.put(
    "/stock/:sku",
    authorizeWrite,
    sku,
    refuseOtherBodies,
    check("json", shape.stockBody),
    async (c) => c.json(await store.putStock(c.req.valid("param").sku, c.req.valid("json"))),
  );
  routes.post(
    "/stock/:sku/restock",
    authorizeWrite,
    sku,
    refuseOtherBodies,
    check("json", shape.restockBody),
    async (c) => {
      const { quantity, id } = c.req.valid("json");
      return c.json(await store.restock(c.req.valid("param").sku, quantity, id));
    },
  );
}
