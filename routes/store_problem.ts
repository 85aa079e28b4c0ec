/** How the shop's routes refuse: `application/problem+json` (RFC 9457). */
import { zValidator } from "@hono/zod-validator";
import type { Context, MiddlewareHandler, ValidationTargets } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";

/** A request refused before it reached the shop. */
export class Problem extends Error {
  readonly status: 400 | 415;

  constructor(status: Problem["status"], message: string) {
    super(message);
    this.name = "Problem";
    this.status = status;
  }
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  404: "Not Found",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export function problem(c: Context, status: ContentfulStatusCode, detail: string): Response {
  const body = { type: "about:blank", title: titles[status] ?? "Error", status, detail };
  return c.body(JSON.stringify(body), status, { "Content-Type": "application/problem+json" });
}

/** Checks a part of the request; the refusal names each field that is wrong. */
export function check<Shape extends z.ZodType, Target extends keyof ValidationTargets>(
  target: Target,
  shape: Shape,
) {
  return zValidator(target, shape, (result) => {
    if (!result.success) throw new Problem(400, describe(result.error.issues));
  });
}

/** An unknown body would be read as an empty one, and the refusal would mislead. */
export const refuseOtherBodies: MiddlewareHandler = async (c, next) => {
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/([a-z.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new Problem(415, `Content-Type is "${type.slice(0, 100)}"; it must be application/json`);
  }
  await next();
};

const maxIssues = 5;

function describe(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  const said = issues.slice(0, maxIssues).map(({ path, message }) =>
    path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`
  );
  if (issues.length > maxIssues) said.push(`and ${issues.length - maxIssues} more`);
  return said.join("; ");
}
