/** What a connection token says of who holds it. The server alone verifies it. */
export interface Claims {
  /** "" where it names nobody. */
  readonly user: string;
  readonly isStaff: boolean;
}

/** Of what is no JWT: nobody. */
export function claimsOf(token: string): Claims {
  const { sub, role } = payloadOf(token);
  return {
    user: typeof sub === "string" ? sub : "",
    isStaff: role === "staff" || role === "admin",
  };
}

/** Of what is no JWT: nothing. */
export function payloadOf(token: string): { readonly sub?: unknown; readonly role?: unknown } {
  try {
    const claims: unknown = JSON.parse(decode(token.split(".")[1] ?? ""));
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}

function decode(base64url: string): string {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(binary, (one) => one.charCodeAt(0)));
}
