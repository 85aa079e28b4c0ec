import type { Setup } from "./protocol.ts";
import { isObject, version } from "./protocol.ts";

/** Claims that differ between tokens which grant the same. */
const times = new Set(["exp", "iat", "nbf", "jti"]);

/** The name of those who may share a connection. A hash: names of workers and locks can be seen. */
export async function sharingKey(setup: Setup, token: string): Promise<string> {
  const text = JSON.stringify([setup, grantOf(token)]);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const hex = [...new Uint8Array(hash, 0, 16)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `nhip ${version} ${hex.join("")}`;
}

/**
 * What a token says, without its times: each page may have been given one of its own. It is not
 * verified, for the server does that, and pages of one origin can read each other anyway.
 */
function grantOf(token: string): unknown {
  try {
    const [, payload = "", signature] = token.split(".");
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    if (signature === undefined || !isObject(claims)) return token;
    return Object.entries(claims).filter(([name]) => !times.has(name)).sort(byName);
  } catch {
    return token;
  }
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
