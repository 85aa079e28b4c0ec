/** An operator's CHANNELS_FILE: namespaces added to the registry at start. */
import { z } from "zod";
import type { Namespace } from "./channels.ts";

const right = z.enum(["anyone", "user", "token", "subscriber", "nobody"]);
const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time such as `300s`, `1h`, `500ms`, as milliseconds. */
const duration = z.string().transform((text, context) => {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(digits) * units[unit as keyof typeof units];
  if (ms > 0) return ms;
  context.addIssue({ code: "custom", message: `"${text}" is not a time such as "300s" or "1h"` });
  return z.NEVER;
});

const namespace = z.strictObject({
  name: z.string().max(64).regex(/^[A-Za-z0-9_.-]*$/, "may have letters, digits, _ . and - only"),
  history: z.strictObject({ size: z.int().min(1).max(1_000_000), ttl: duration }).optional(),
  recover: z.boolean().optional(),
  presence: z.boolean().default(false),
  joinLeave: z.boolean().default(false),
  delta: z.boolean().default(false),
  filter: z.boolean().default(false),
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
}).refine((one) => one.allow.subscribe !== "subscriber", {
  path: ["allow", "subscribe"],
  message: 'cannot be "subscriber"',
});

const file = z.strictObject({ namespaces: z.array(namespace).max(1_000) });

export interface ChannelsFile {
  readonly namespaces: readonly Namespace[];
  /** What the file asks for that this version does not do. */
  readonly warnings: readonly string[];
}

/** @throws Error whose message names the file and the field. */
export function parseChannelsFile(text: string, name: string): ChannelsFile {
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
  const namespaces = parsed.data.namespaces.map((one): Namespace => {
    if (one.delta) warnings.push(`${name}: namespace "${one.name}": delta is not sent yet`);
    if (one.filter) warnings.push(`${name}: namespace "${one.name}": filters are refused as yet`);
    return {
      name: one.name,
      history: one.history ? { size: one.history.size, ttlMs: one.history.ttl } : null,
      recover: one.recover ?? one.history !== undefined,
      presence: one.presence,
      joinLeave: one.joinLeave,
      keyed: null,
      presenceIn: null,
      filter: one.filter,
      allow: one.allow,
    };
  });
  return { namespaces, warnings };
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
