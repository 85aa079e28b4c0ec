/** How an operator writes a source: `"bridge": {"sources": [ … ]}` of a CHANNELS_FILE. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { parsePointer } from "./pointer.ts";
import { UrlTemplate } from "./url_template.ts";

const dayMs = 86_400_000;

/** Text that `parse` takes; what it throws is the issue. */
function parsed<Value>(parse: (text: string) => Value, maxLength: number) {
  return z.string().max(maxLength).transform((text, context): Value => {
    try {
      return parse(text);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
  });
}

export function between(lowMs: number, highMs: number, low: string, high: string) {
  return duration.refine((ms) => ms >= lowMs && ms <= highMs, `must be from ${low} to ${high}`);
}

/** Values must match as a whole. */
const pattern = parsed((text) => new RegExp(`^(?:${text})$`, "u"), 200);
const url = parsed((text) => new UrlTemplate(text), 2_000);
const pointer = parsed(parsePointer, 500);
/** A pointer when it begins with /, else the name of a field. */
const key = parsed((text) => text.startsWith("/") ? parsePointer(text) : [text], 500)
  .refine(([name]) => name !== "" && name !== undefined, "is empty");

/** Those that are not the operator's to set. */
const ownHeaders = /^(host|connection|content-length|transfer-encoding|if-.*|accept-encoding|te)$/i;
export const headerName = z.string().max(100)
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "is not the name of a header")
  .refine((name) => !ownHeaders.test(name), "is set by the bridge itself");
export const fromEnvironment = z.string()
  .regex(/^env:[A-Za-z_][A-Za-z0-9_]*$/, 'must be "env:" and the name of a variable');

export const sourceSchema = z.strictObject({
  name: z.string().min(1).max(64)
    .regex(/^[A-Za-z0-9_.-]*$/, "may have letters, digits, _ . and - only"),
  url,
  every: between(100, dayMs, "100ms", "1d"),
  items: pointer.prefault(""),
  shape: z.enum(["auto", "array", "objects", "single"]).default("auto"),
  key: key.optional(),
  params: z.record(z.string(), pattern).default({}),
  headers: z.record(headerName, fromEnvironment).default({}),
  timeout: between(1, 10 * 60_000, "1ms", "10m").prefault("10s"),
  maxBytes: z.int().min(1).max(32 * 1024 * 1024).default(8 * 1024 * 1024),
  maxKeys: z.int().min(1).max(100_000).default(10_000),
  always: z.boolean().default(false),
  maxLive: z.int().min(1).max(10_000).default(100),
  allow: z.strictObject({
    subscribe: z.enum(["anyone", "user", "token", "nobody"]).default("user"),
  }).prefault({}),
}).superRefine((one, context) => {
  const issue = (path: string[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  for (const name of Object.keys(one.params)) {
    if (!one.url.params.includes(name)) issue(["params", name], `{${name}} is not in the url`);
  }
  if (one.always && one.url.params.length > 0) {
    issue(["always"], "a url with parameters is polled for listeners only");
  }
  if (one.key !== undefined && one.shape === "single") {
    issue(["key"], 'a "single" item has the key "value"');
  }
});

export const bridgeSchema = z.strictObject({ sources: z.array(sourceSchema).max(1_000) })
  .superRefine(({ sources }, context) => {
    const names = sources.map(({ name }) => name);
    for (const [i, name] of names.entries()) {
      if (names.indexOf(name) === i) continue;
      const message = `"${name}" is the name of an earlier source`;
      context.addIssue({ code: "custom", path: ["sources", i, "name"], message });
    }
  });

export type SourceSettings = z.output<typeof sourceSchema>;
export type BridgeSettings = z.output<typeof bridgeSchema>;
