/** How routes refuse: `application/problem+json` (RFC 9457). */
import { zValidator } from "@hono/zod-validator";
import type { Context, MiddlewareHandler, ValidationTargets } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import { ProtocolError } from "../lib/protocol/errors.ts";

/** A request refused for its form. */
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
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
};

/** The protocol's error code of a status, where a refusal says none of its own. */
const codeOf: Readonly<Record<number, number>> = {
  400: 107,
  401: 101,
  403: 103,
  404: 104,
  405: 104,
  408: 107,
  413: 106,
  415: 107,
  426: 107,
  500: 100,
  503: 111,
};
/** Where the wire's protocol is spoken: every refusal there has a code. */
const protocolPath = /^\/(v1|connection)\/|^\/emulation$/;

/**
 * @param more `code` of the protocol's error table and the channel at fault, or what else a program
 * may want to know: what is undefined is left out.
 */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  detail: string,
  more: Readonly<Record<string, string | number | undefined>> = {},
): Response {
  const title = titles[status] ?? "Error";
  const code = protocolPath.test(c.req.path) ? { code: codeOf[status] } : {};
  const body = { type: "about:blank", title, status, detail, ...code, ...more };
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

/** HTTP status of each protocol error code. */
const statusOf: Readonly<Record<number, ContentfulStatusCode>> = {
  100: 500,
  101: 401,
  102: 404,
  103: 403,
  104: 404,
  106: 413,
  107: 400,
  108: 501,
  109: 401,
  111: 429,
};

/** A GET sends nothing that could be too large: the limit is then one of the server's. */
function statusFor({ code }: ProtocolError, method: string): ContentfulStatusCode {
  return code === 106 && method === "GET" ? 429 : statusOf[code] ?? 400;
}

/** Answers whatever a route threw; what is not the client's fault is reported and told as 500. */
export function onRouteError(report: (error: unknown) => void) {
  return (error: Error, c: Context): Response => {
    if (error instanceof ProtocolError) {
      const status = statusFor(error, c.req.method);
      if (status === 429) c.header("retry-after", "1");
      return problem(c, status, error.message, { code: error.code, channel: error.channel });
    }
    if (error instanceof Problem) return problem(c, error.status, error.message);
    if (error instanceof HTTPException && (error.status < 500 || error.status === 503)) {
      if (error.status === 503) c.header("retry-after", "1");
      return problem(c, error.status as ContentfulStatusCode, error.message);
    }
    report(error);
    return problem(c, 500, "the request failed; it is not your fault");
  };
}
