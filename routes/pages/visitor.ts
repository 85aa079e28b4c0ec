/** Who asks for a page, and what the page's islands are told of that. */
import type { Context } from "hono";
import type { Access, PageState } from "../../islands/page.ts";
import { isAddress } from "../../lib/auth/host.ts";
import type { Role } from "../../lib/auth/identity.ts";
import { signToken } from "../../lib/auth/tokens.ts";
import type { Config } from "../../lib/config.ts";
import { chooseLanguage } from "./language.ts";

/** Whom a page's token is for, where the server gives one. */
export interface Claims {
  readonly sub: string;
  readonly role?: Role;
}

/**
 * `dev` gives a token to everybody who can reach it; otherwise the viewer has to bring one. A name
 * in place of an address might be another site's that leads here.
 */
export async function pageState(c: Context, config: Config, claims: Claims): Promise<PageState> {
  const token = await tokenFor(c, config, claims);
  const access: Access = !config.shop ? "off" : token === null ? "needed" : "granted";
  return { ...pageOf(c), access, token: config.shop ? token : null };
}

export function pageOf(c: Context): Pick<PageState, "language" | "timeZone"> {
  const language = chooseLanguage(c.req.query("lang"), c.req.header("accept-language"));
  return { language, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}

/** null: the server gives none. */
export async function tokenFor(c: Context, config: Config, claims: Claims): Promise<string | null> {
  const { mode, tokens } = config;
  if (mode !== "dev" || !("secret" in tokens) || !isAddress(c.req.header("host"))) return null;
  return await signToken(tokens.secret, claims);
}
