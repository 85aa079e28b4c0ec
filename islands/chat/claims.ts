/** What a connection token says of who holds it. The server alone verifies it. */
export interface Claims {
  /** "" where it names nobody. */
  readonly user: string;
  readonly isStaff: boolean;
}

const nobody: Claims = { user: "", isStaff: false };

/** Of what is no JWT: nobody. */
export function claimsOf(token: string): Claims {
  try {
    const claims: unknown = JSON.parse(decode(token.split(".")[1] ?? ""));
    if (typeof claims !== "object" || claims === null) return nobody;
    const { sub, role } = claims as { readonly sub?: unknown; readonly role?: unknown };
    return {
      user: typeof sub === "string" ? sub : "",
      isStaff: role === "staff" || role === "admin",
    };
  } catch {
    return nobody;
  }
}

function decode(base64url: string): string {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(binary, (one) => one.charCodeAt(0)));
}
