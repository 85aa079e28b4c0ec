/** `POST /api/<method>`: the server API, for back ends that hold the key. */
import { type Context, Hono } from "hono";
import { answer } from "../lib/api/answer.ts";
import { prepareBatch } from "../lib/api/batch.ts";
import { methodsOf } from "../lib/api/methods.ts";
import type { Node } from "../lib/node/node.ts";
import { ProtocolError } from "../lib/protocol/errors.ts";
import { requireApiKey } from "./access.ts";
import { boundedBody } from "./body.ts";
import { Problem, refuseOtherBodies } from "./problem.ts";

/** A publication of the largest size, escaped, with room to spare. */
const maxBytes = 512 * 1024;
const maxBatchBytes = 8 * 1024 * 1024;

export function apiRoutes(node: Node, apiKey: string): Hono {
  const methods = methodsOf(node);
  const routes = new Hono();
  const one = boundedBody({ maxBytes });
  const many = boundedBody({ maxBytes: maxBatchBytes, maxMs: 30_000 });
  routes.use("/api/*", requireApiKey(apiKey));
  routes.post("/api/*", refuseOtherBodies);
  for (const [name, method] of methods) {
    routes.post(`/api/${name}`, one, async (c) => {
      const perform = method.prepare(await jsonOf(c));
      return send(c, await answer(perform));
    });
  }
  routes.post("/api/batch", many, async (c) => {
    const perform = prepareBatch(methods, await jsonOf(c), node.onError);
    return send(c, await perform());
  });
  routes.all("/api/*", () => {
    const names = [...methods.keys(), "batch"].join(", ");
    throw new ProtocolError("methodNotFound", `POST /api/ and one of ${names}`);
  });
  return routes;
}

async function jsonOf(c: Context): Promise<unknown> {
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, "the body is not JSON");
  }
}

function send(c: Context, text: string): Response {
  return c.body(text, 200, { "content-type": "application/json" });
}
