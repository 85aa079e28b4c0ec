/** All configuration: read once, from the environment, with errors that name the variable. */
import { z } from "zod";
import type { TokenKeys } from "./auth/tokens.ts";
import { type MapTiles, parseTiles } from "./map_tiles.ts";
import { parsePush, type PushConfig } from "./push/config.ts";

export type Mode = "dev" | "start";

export type BrokerUrl = { readonly kind: "memory" } | { readonly kind: "edge" };

export interface Config {
  readonly mode: Mode;
  readonly host: string;
  readonly port: number;
  readonly broker: BrokerUrl;
  /** undefined: the platform's own store (Deno Deploy). */
  readonly kvPath: string | undefined;
  readonly channelsFile: string | undefined;
  readonly apiKey: string;
  readonly tokens: TokenKeys;
  readonly allowedOrigins: readonly string[];
  /** Whether the example shop is served. */
  readonly shop: boolean;
  /** null: the pages' map has a plain base. */
  readonly mapTiles: MapTiles | null;
  /** null: there is no Web Push. */
  readonly push: PushConfig | null;
  readonly maxConnections: number;
  /** Seconds between pings. */
  readonly pingSeconds: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** Ring through the store, for isolates that share no BroadcastChannel. */
  readonly ring: boolean;
  /** What an operator should know, though it is no error. */
  readonly warnings: readonly string[];
}

/** The configuration cannot be used; `problems` has a line for each variable at fault. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Cannot start:\n${problems.map((line) => `  ${line}`).join("\n")}`);
    this.problems = problems;
  }
}

const whole = (low: number, high: number) =>
  z.string().regex(/^\d+$/, "is not a whole number").transform(Number)
    .refine((n) => n >= low && n <= high, `must be from ${low} to ${high}`);
const secret = z.string().min(1, "is empty");

const schema = z.object({
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: whole(0, 65_535).default(8_000),
  BROKER_URL: z.string().default("edge:").transform((url, context): BrokerUrl => {
    if (url === "memory:" || url === "edge:") return { kind: url === "edge:" ? "edge" : "memory" };
    context.addIssue({ code: "custom", message: `is "${url}"; known are memory: and edge:` });
    return z.NEVER;
  }),
  KV_PATH: z.string().min(1).optional(),
  CHANNELS_FILE: z.string().min(1).optional(),
  API_KEY: secret.optional(),
  TOKEN_SECRET: secret.optional(),
  TOKEN_JWKS_URL: z.url({ protocol: /^https?$/, error: "is not an http(s) URL" }).optional(),
  TOKEN_AUDIENCE: z.string().optional(),
  TOKEN_ISSUER: z.string().optional(),
  ALLOWED_ORIGINS: z.string().optional().transform((list) =>
    list?.split(",").map((one) => one.trim()).filter((one) => one !== "")
  ),
  SHOP: z.enum(["on", "off"], "must be on or off").default("off"),
  MAP_TILES_URL: z.string().optional(),
  MAP_TILES_CREDIT: z.string().max(200, "is longer than 200 characters").default(""),
  VAPID_KEYS: z.string().optional(),
  VAPID_SUBJECT: z.string().optional(),
  PUSH_SERVICES: z.string().optional(),
  MAX_CONNECTIONS: whole(1, 1_000_000).default(15_000),
  PING_SECONDS: whole(2, 300).default(25),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  DENO_DEPLOYMENT_ID: z.string().optional(),
});

/** The variables this program reads. */
export const variables = Object.keys(schema.shape);

const minSecretBytes = 32;

/**
 * `start` needs API_KEY, TOKEN_SECRET or TOKEN_JWKS_URL, and ALLOWED_ORIGINS. `dev` makes up what is
 * missing and says so in `warnings`.
 * @throws ConfigError
 */
export function readConfig(mode: Mode, env: Readonly<Record<string, string>>): Config {
  // An empty variable counts as absent: that is how shells and containers unset one.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const read = schema.safeParse(given);
  if (!read.success) {
    throw new ConfigError(
      read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
    );
  }
  const values = read.data;
  const warnings: string[] = [];
  const secrets = mode === "dev" ? devSecrets(values, warnings) : startSecrets(values, warnings);
  const onDeploy = values.DENO_DEPLOYMENT_ID !== undefined;
  return {
    mode,
    host: values.HOST,
    port: values.PORT,
    broker: values.BROKER_URL,
    kvPath: values.KV_PATH ?? (onDeploy ? undefined : `.nhip/${mode}.sqlite`),
    channelsFile: values.CHANNELS_FILE,
    ...secrets,
    shop: mode === "dev" || values.SHOP === "on",
    mapTiles: readTiles(values),
    push: readPush(mode, values),
    maxConnections: values.MAX_CONNECTIONS,
    pingSeconds: values.PING_SECONDS,
    logLevel: values.LOG_LEVEL,
    ring: onDeploy,
    warnings,
  };
}

function readPush(mode: Mode, values: Values): PushConfig | null {
  try {
    return parsePush(mode === "dev", values);
  } catch (error) {
    throw new ConfigError([error instanceof Error ? error.message : String(error)]);
  }
}

function readTiles({ MAP_TILES_URL, MAP_TILES_CREDIT }: Values): MapTiles | null {
  if (MAP_TILES_URL === undefined) return null;
  try {
    return parseTiles(MAP_TILES_URL, MAP_TILES_CREDIT);
  } catch (error) {
    throw new ConfigError([
      `MAP_TILES_URL: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}

type Values = z.infer<typeof schema>;
type Secrets = Pick<Config, "apiKey" | "tokens" | "allowedOrigins">;

function devSecrets(values: Values, warnings: string[]): Secrets {
  const made = (name: string) => {
    warnings.push(`${name} is not set: made one for this run`);
    return crypto.randomUUID() + crypto.randomUUID();
  };
  for (const name of ["TOKEN_JWKS_URL", "TOKEN_AUDIENCE", "TOKEN_ISSUER"] as const) {
    if (values[name] === undefined) continue;
    warnings.push(`${name} is not used in dev, which signs the tokens of its pages itself`);
  }
  return {
    apiKey: values.API_KEY ?? made("API_KEY"),
    tokens: { secret: values.TOKEN_SECRET ?? made("TOKEN_SECRET") },
    allowedOrigins: values.ALLOWED_ORIGINS ?? [],
  };
}

function startSecrets(values: Values, warnings: string[]): Secrets {
  const problems: string[] = [];
  const { API_KEY, TOKEN_SECRET, TOKEN_JWKS_URL, ALLOWED_ORIGINS } = values;
  if (API_KEY === undefined) problems.push("API_KEY: is not set; back ends send it as X-API-Key");
  if (TOKEN_SECRET === undefined && TOKEN_JWKS_URL === undefined) {
    problems.push("TOKEN_SECRET: is not set, nor is TOKEN_JWKS_URL; connection tokens need one");
  }
  if (TOKEN_SECRET !== undefined && TOKEN_JWKS_URL !== undefined) {
    problems.push("TOKEN_SECRET: is set, and so is TOKEN_JWKS_URL; set one");
  }
  if (ALLOWED_ORIGINS === undefined) {
    problems.push(
      "ALLOWED_ORIGINS: is not set; name the pages that may connect, as https://shop.example,…",
    );
  }
  for (const origin of ALLOWED_ORIGINS ?? []) {
    if (origin !== "*" && !(URL.canParse(origin) && new URL(origin).origin === origin)) {
      problems.push(`ALLOWED_ORIGINS: "${origin}" is not an origin, such as https://shop.example`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  for (const [name, value] of Object.entries({ API_KEY, TOKEN_SECRET })) {
    if (value !== undefined && new TextEncoder().encode(value).byteLength < minSecretBytes) {
      warnings.push(`${name} is shorter than ${minSecretBytes} bytes`);
    }
  }
  if (TOKEN_JWKS_URL !== undefined && values.TOKEN_AUDIENCE === undefined) {
    warnings.push(
      "TOKEN_JWKS_URL is set without TOKEN_AUDIENCE: any token of that provider is accepted",
    );
  }
  return {
    apiKey: API_KEY ?? "",
    tokens: startTokens(values),
    allowedOrigins: ALLOWED_ORIGINS ?? [],
  };
}

function startTokens(values: Values): TokenKeys {
  const { TOKEN_SECRET, TOKEN_JWKS_URL, TOKEN_AUDIENCE, TOKEN_ISSUER } = values;
  const keys = TOKEN_SECRET !== undefined
    ? { secret: TOKEN_SECRET }
    : { jwksUrl: TOKEN_JWKS_URL ?? "" };
  return {
    ...keys,
    ...(TOKEN_AUDIENCE !== undefined && { audience: TOKEN_AUDIENCE }),
    ...(TOKEN_ISSUER !== undefined && { issuer: TOKEN_ISSUER }),
  };
}
