/** Who a request is from, and whether it may come at all. */
import type { Context, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { apiKeyCheck } from "../lib/auth/api_key.ts";
import { anonymous, type Identity, isStaff, type Role } from "../lib/auth/identity.ts";
import { originAllowed } from "../lib/auth/origin.ts";
import { TokenError, type TokenVerifier } from "../lib/auth/tokens.ts";
import { ProtocolError } from "../lib/protocol/errors.ts";

/** Lets requests with the right `X-API-Key` (or `Authorization: apikey …`) through; 401 otherwise. */
export function requireApiKey(expected: string): MiddlewareHandler {
  const isKey = apiKeyCheck(expected);
  return async (c, next) => {
    if (!isKey(presentedKey(c))) {
      throw new HTTPException(401, { message: "X-API-Key is missing or wrong" });
    }
    await next();
  };
}

function presentedKey(c: Context): string | undefined {
  return c.req.header("x-api-key") ??
    /^apikey (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
}

/** Refuses requests that a page of a foreign origin makes; 403. */
export function requireOrigin(allowed: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    if (!originAllowed(c.req.raw, allowed)) {
      throw new HTTPException(403, {
        message: `origin ${c.req.header("origin")} is not in ALLOWED_ORIGINS`,
      });
    }
    await next();
  };
}

/**
 * The identity of a request's bearer token, or of `token=` in its query; anonymous without one.
 * @throws ProtocolError 101, 109
 */
export async function identify(c: Context, tokens: TokenVerifier | null): Promise<Identity> {
  const bearer = /^bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const token = bearer ?? c.req.query("token") ?? "";
  if (token === "") return anonymous;
  if (tokens === null) throw new ProtocolError("unauthorized", "no tokens are configured");
  try {
    return await tokens.connection(token);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    const name = error.reason === "expired" ? "tokenExpired" : "unauthorized";
    throw new ProtocolError(name, error.message);
  }
}

/** The shop's routes know HTTP's refusals alone. */
function asRefusal(error: unknown): never {
  if (!(error instanceof ProtocolError)) throw error;
  throw new HTTPException(401, { message: error.message });
}

/**
 * Any valid token, or the API key; 401 otherwise. Where a token came, sets `user`, "" if it names
 * none, and `role`.
 */
export function requireUser(tokens: TokenVerifier | null, apiKey: string): MiddlewareHandler {
  return requireIdentity(tokens, apiKey, () => null);
}

/** As `requireUser`, but a token has to name its user, who answers for what is written; else 403. */
export function requireAuthor(tokens: TokenVerifier | null, apiKey: string): MiddlewareHandler {
  return requireIdentity(tokens, apiKey, ({ user }) => {
    return user === "" ? "the token names no user (sub)" : null;
  });
}

/** As `requireUser`, but a token has to have this role, or be an admin's; else 403. */
export function requireRole(
  role: Role,
  tokens: TokenVerifier | null,
  apiKey: string,
): MiddlewareHandler {
  return requireIdentity(tokens, apiKey, (identity) => {
    const may = identity.role === role || identity.role === "admin";
    return may ? null : `the token's role is not "${role}"`;
  });
}

/** As `requireRole` of staff, and for a driver's token the vehicle that it names (`:id`). */
export function requireVehicle(tokens: TokenVerifier | null, apiKey: string): MiddlewareHandler {
  return requireIdentity(tokens, apiKey, ({ role, user }, c) => {
    if (isStaff(role)) return null;
    if (role !== "driver") return `the token's role is not "staff", nor "driver"`;
    const vehicle = c.req.param("id") ?? "";
    return user !== "" && user === vehicle
      ? null
      : `the token is for the vehicle "${user}", not for "${vehicle.slice(0, 64)}"`;
  });
}

/** Whoever holds a token may look and talk; staff and back ends change orders, stock and vehicles. */
export function shopAccess(tokens: TokenVerifier | null, apiKey: string) {
  return {
    authorize: requireUser(tokens, apiKey),
    authorizeWrite: requireRole("staff", tokens, apiKey),
    authorizeVehicle: requireVehicle(tokens, apiKey),
    authorizeChat: requireAuthor(tokens, apiKey),
  };
}

/** @param objection to the identity of a token that is valid; null: none */
function requireIdentity(
  tokens: TokenVerifier | null,
  apiKey: string,
  objection: (identity: Identity, c: Context) => string | null,
): MiddlewareHandler {
  const isKey = apiKeyCheck(apiKey);
  return async (c, next) => {
    if (!isKey(presentedKey(c))) {
      const identity = await identify(c, tokens).catch(asRefusal);
      if (identity.anonymous) {
        throw new HTTPException(401, { message: "a bearer token or X-API-Key is needed" });
      }
      const message = objection(identity, c);
      if (message !== null) throw new HTTPException(403, { message });
      c.set("user", identity.user);
      c.set("role", identity.role);
    }
    await next();
  };
}
