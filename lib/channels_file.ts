/** An operator's CHANNELS_FILE: namespaces added to the registry at start, and the bridge's sources. */
import { z } from "zod";
import type { Environment } from "./bridge/source.ts";
import { bridgeSchema, type BridgeSettings } from "./bridge/source_schema.ts";
import { type Keyed, keyedDefaults, type Namespace } from "./channels.ts";
import { duration } from "./duration.ts";
import { readSharedPoll, sharedPollSchema } from "./shared_poll/schema.ts";

const right = z.enum(["anyone", "user", "token", "subscriber", "nobody"]);

const prefix = z.string().max(128).optional();
const prefixes = z.strictObject({ clients: prefix, users: prefix });
/** Who is present is kept no longer than this when nobody removes it. */
const presenceTtlMs = 60_000;

const keyed = z.strictObject({
  kind: z.enum(["map", "clients", "users"]).default("map"),
  ttl: duration.optional(),
  maxKeys: z.int().min(1).max(1_000_000).default(keyedDefaults.maxKeys),
  order: z.enum(["key", "score"]).default(keyedDefaults.order),
  debounce: duration.optional(),
  maxRate: z.boolean().default(keyedDefaults.maxRate),
  clientKey: z.enum(["any", "client", "user"]).default(keyedDefaults.clientKey),
  removeOnUnsubscribe: z.boolean().default(keyedDefaults.removeOnUnsubscribe),
}).refine((one) => one.clientKey === "client" || !one.removeOnUnsubscribe, {
  path: ["removeOnUnsubscribe"],
  message: 'needs clientKey "client"',
}).refine((one) => one.kind === "map" || one.clientKey === "any", {
  path: ["clientKey"],
  message: 'needs kind "map": the server alone says who is present',
}).transform(({ ttl, debounce, ...rest }): Keyed => ({
  ...rest,
  ttlMs: ttl ?? (rest.kind === "map" ? keyedDefaults.ttlMs : presenceTtlMs),
  debounceMs: debounce ?? keyedDefaults.debounceMs,
}));

/** What a shared poll namespace cannot have: nothing is published or kept in it. */
const notPolled = [
  "history",
  "recover",
  "keyed",
  "presence",
  "joinLeave",
  "presenceIn",
  "delta",
  "filter",
] as const;

const namespace = z.strictObject({
  name: z.string().max(64).regex(/^[A-Za-z0-9_.-]*$/, "may have letters, digits, _ . and - only"),
  history: z.strictObject({ size: z.int().min(1).max(1_000_000), ttl: duration }).optional(),
  recover: z.boolean().optional(),
  presence: z.boolean().default(false),
  joinLeave: z.boolean().default(false),
  delta: z.boolean().default(false),
  filter: z.boolean().default(false),
  keyed: keyed.optional(),
  presenceIn: prefixes.optional(),
  sharedPoll: sharedPollSchema.optional(),
  allow: z.strictObject({
    subscribe: right.default("user"),
    publish: right.default("nobody"),
    presence: right.default("nobody"),
    history: right.default("nobody"),
  }).prefault({}),
}).refine((one) => one.history !== undefined || one.recover !== true, {
  path: ["recover"],
  message: "needs history",
}).refine((one) => one.presence || !one.joinLeave, {
  path: ["joinLeave"],
  message: "needs presence",
}).refine((one) => one.history !== undefined || one.keyed === undefined, {
  path: ["keyed"],
  message: "needs history",
}).refine((one) => (one.keyed?.kind ?? "map") === "map" || one.allow.publish === "nobody", {
  path: ["allow", "publish"],
  message: 'must be "nobody": the server alone says who is present',
}).superRefine((one, context) => {
  if (one.sharedPoll === undefined) return;
  for (const name of notPolled) {
    if (one[name] === undefined || one[name] === false) continue;
    const message = "does not go with sharedPoll";
    context.addIssue({ code: "custom", path: [name], message });
  }
}).refine((one) => one.allow.subscribe !== "subscriber", {
  path: ["allow", "subscribe"],
  message: 'cannot be "subscriber"',
});

const file = z.strictObject({
  namespaces: z.array(namespace).max(1_000).optional(),
  bridge: bridgeSchema.optional(),
}).refine((one) => one.namespaces !== undefined || one.bridge !== undefined, {
  path: ["namespaces"],
  message: "are missing, and so is bridge",
});

export interface ChannelsFile {
  readonly namespaces: readonly Namespace[];
  /** null: nothing is polled. */
  readonly bridge: BridgeSettings | null;
  /** What the file asks for that this version does not do. */
  readonly warnings: readonly string[];
}

/** @throws Error whose message names the file and the field, and the variable that is missing. */
export function parseChannelsFile(
  text: string,
  name: string,
  env: Environment = () => undefined,
): ChannelsFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const parsed = file.safeParse(json);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${fieldName(path)}: ${message}`);
    throw new Error(`${name}: ${lines.join("; ")}`);
  }
  const warnings: string[] = [];
  const namespaces = (parsed.data.namespaces ?? []).map((one, i): Namespace => {
    const at = `${name}: namespaces[${i}].sharedPoll`;
    if (one.delta) warnings.push(`${name}: namespace "${one.name}": delta is not sent yet`);
    return {
      name: one.name,
      history: one.history ? { size: one.history.size, ttlMs: one.history.ttl } : null,
      recover: one.recover ?? one.history !== undefined,
      presence: one.presence,
      joinLeave: one.joinLeave,
      keyed: one.keyed ?? null,
      presenceIn: one.presenceIn === undefined ? null : presenceIn(one.presenceIn),
      filter: one.filter,
      ...(one.sharedPoll && { sharedPoll: readSharedPoll(one.sharedPoll, at, env) }),
      allow: one.allow,
    };
  });
  return { namespaces, bridge: parsed.data.bridge ?? null, warnings };
}

/** Absent in place of undefined. */
function presenceIn(
  { clients, users }: z.infer<typeof prefixes>,
): NonNullable<Namespace["presenceIn"]> {
  return { ...(clients !== undefined && { clients }), ...(users !== undefined && { users }) };
}

/** `namespaces[0].history.ttl` */
function fieldName(path: readonly PropertyKey[]): string {
  let name = "";
  for (const part of path) {
    name += typeof part === "number"
      ? `[${part}]`
      : name === ""
      ? String(part)
      : `.${String(part)}`;
  }
  return name === "" ? "(the whole file)" : name;
}
