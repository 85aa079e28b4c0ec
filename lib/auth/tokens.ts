/**
 * Connection and subscription tokens: JWTs signed with a shared secret (HS256/384/512) or by a key
 * of a JWKS (RSA, EC, EdDSA).
 */
import * as jose from "jose";
import { z } from "zod";
import { type Identity, type Role, roles } from "./identity.ts";

/** The token is wrong: `expired`, for `another` channel or user, or `invalid` in any other way. */
export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly reason: "invalid" | "expired" | "another";

  constructor(reason: TokenError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface TokenVerifier {
  /** @throws TokenError */
  connection(token: string): Promise<Identity>;
  /**
   * Whether the token lets this user subscribe this channel, and until when: in Unix seconds, or
   * null when it does not expire.
   * @throws TokenError
   */
  subscription(token: string, channel: string, user: string): Promise<number | null>;
}

const connectionClaims = z.object({
  sub: z.string().max(255).default(""),
  exp: z.number().optional(),
  info: z.unknown().optional(),
  // Other systems have roles of their own, which mean nothing here.
  role: z.enum(roles).optional().catch(undefined),
  /** A subscription token is not a connection token. */
  channel: z.never().optional(),
});
const subscriptionClaims = z.object({
  sub: z.string().default(""),
  exp: z.number().optional(),
  channel: z.string(),
});

/** Whose tokens are accepted: who signs them and, where given, what `aud` and `iss` must be. */
export type TokenKeys =
  & ({ readonly secret: string } | { readonly jwksUrl: string })
  & { readonly audience?: string; readonly issuer?: string };

export function tokenVerifier(keys: TokenKeys): TokenVerifier {
  const verify = verifierFor(keys);
  return {
    async connection(token) {
      const claims = connectionClaims.safeParse(await verify(token));
      if (!claims.success) throw new TokenError("invalid", "not a connection token");
      const { sub, exp, info, role } = claims.data;
      return {
        user: sub,
        expiresAt: exp ?? null,
        anonymous: false,
        ...(info !== undefined && { info }),
        ...(role !== undefined && { role }),
      };
    },
    async subscription(token, channel, user) {
      const claims = subscriptionClaims.safeParse(await verify(token));
      if (!claims.success) throw new TokenError("invalid", "not a subscription token");
      if (claims.data.channel !== channel || claims.data.sub !== user) {
        throw new TokenError("another", "token of another channel or user");
      }
      return claims.data.exp ?? null;
    },
  };
}

/** Signs a connection token; for `dev`, tests and tools. */
export function signToken(
  secret: string,
  claims: { sub: string; info?: unknown; role?: Role; channel?: string },
  lifetime = "24h",
): Promise<string> {
  return new jose.SignJWT({ ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt()
    .setExpirationTime(lifetime)
    .sign(new TextEncoder().encode(secret));
}

function verifierFor(keys: TokenKeys): (token: string) => Promise<jose.JWTPayload> {
  const { audience, issuer } = keys;
  const expected = {
    ...(audience !== undefined && { audience }),
    ...(issuer !== undefined && { issuer }),
  };
  if ("secret" in keys) {
    const secret = new TextEncoder().encode(keys.secret);
    const algorithms = ["HS256", "HS384", "HS512"];
    return (token) => checked(jose.jwtVerify(token, secret, { algorithms, ...expected }));
  }
  const remote = remoteKeys(new URL(keys.jwksUrl));
  const algorithms = ["RS256", "RS384", "RS512", "ES256", "ES384", "EdDSA"];
  return (token) => checked(jose.jwtVerify(token, remote, { algorithms, ...expected }));
}

/** The keys of a JWKS. One that cannot be had says nothing about the token. */
function remoteKeys(url: URL): jose.JWTVerifyGetKey {
  const keys = jose.createRemoteJWKSet(url);
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      const noSuchKey = error instanceof jose.errors.JWKSNoMatchingKey ||
        error instanceof jose.errors.JWKSMultipleMatchingKeys ||
        error instanceof jose.errors.JOSENotSupported;
      if (noSuchKey) throw error;
      throw new Error(`Cannot get the keys of ${url}`, { cause: error });
    }
  };
}

/** @throws TokenError; or what kept us from finding out. */
async function checked(result: Promise<jose.JWTVerifyResult>): Promise<jose.JWTPayload> {
  try {
    return (await result).payload;
  } catch (error) {
    if (error instanceof jose.errors.JWTExpired) throw new TokenError("expired", "token expired");
    if (error instanceof jose.errors.JOSEError) throw new TokenError("invalid", error.message);
    throw error;
  }
}
