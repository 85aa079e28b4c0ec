/** Refuses what comes too often, with 429 and when to come again. */
import type { Context, Env, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { Allowance, type AllowanceOptions } from "./allowance.ts";

export interface RateLimitOptions<E extends Env> extends AllowanceOptions {
  /** Whose allowance a request uses up; undefined: it is not limited. */
  readonly nameOf: (c: Context<E>) => string | undefined;
  /** What there is too much of, as the refusal says it. */
  readonly what: string;
}

/** Counted in this isolate alone: several of them let through as many times as much. */
export function rateLimit<E extends Env>(
  { nameOf, what, ...options }: RateLimitOptions<E>,
): MiddlewareHandler<E> {
  const allowance = new Allowance(options);
  return async (c, next) => {
    const name = nameOf(c);
    const waitMs = name === undefined ? 0 : allowance.take(name);
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1_000);
      c.header("Retry-After", `${seconds}`);
      throw new HTTPException(429, { message: `too many ${what}; again in ${seconds} s` });
    }
    await next();
  };
}
