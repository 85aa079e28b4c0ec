/** `/healthz`, `/readyz`, `/metrics`: for whoever runs the server. */
import { Hono, type MiddlewareHandler } from "hono";
import type { Node } from "../lib/node/node.ts";
import { aggregate, metricsContentType } from "../lib/ops/metrics.ts";
import { problem } from "./problem.ts";

const readyWithinMs = 2_000;

export function operationRoutes(node: Node): Hono {
  const routes = new Hono();
  const notStored: MiddlewareHandler = async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
  };
  // Path by path: mounted at the root, a `use` of all would reach the routes mounted after it.
  for (const path of ["/healthz", "/readyz", "/metrics"]) routes.use(path, notStored);
  /** The process lives. */
  routes.get("/healthz", (c) => c.text("ok\n"));
  /** It may be sent clients. */
  routes.get("/readyz", async (c) => {
    if (node.sessions.closing) return problem(c, 503, "shutting down");
    try {
      const signal = AbortSignal.timeout(readyWithinMs);
      await Promise.race([node.broker.ready(signal), rejectedBy(signal)]);
      return c.text("ready\n");
    } catch (error) {
      return problem(c, 503, `the broker is not ready: ${error}`);
    }
  });
  routes.get("/metrics", async (c) => {
    const answers = await node.cluster.ask("metrics", null);
    return c.body(await aggregate(answers.values()), 200, { "content-type": metricsContentType });
  });
  return routes;
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}
