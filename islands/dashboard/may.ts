/** What a token lets its bearer do with the shop, as far as the token itself says it. */

/** `not yet`: there is no connection to act by; `no`: the token may look, and no more. */
export type May = "not yet" | "yes" | "no";

/** The server has the last word: what cannot be read here is tried there. */
export function mayAct(token: string): Exclude<May, "not yet"> {
  const claims = claimsOf(token);
  if (claims === null) return "yes";
  return claims["role"] === "staff" || claims["role"] === "admin" ? "yes" : "no";
}

/** The middle one of a JWT's three parts; null: not to be read. */
function claimsOf(token: string): Readonly<Record<string, unknown>> | null {
  const [, payload] = token.split(".");
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return typeof claims === "object" && claims !== null ? { ...claims } : null;
  } catch {
    return null;
  }
}
