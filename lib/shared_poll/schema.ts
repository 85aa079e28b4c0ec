/** How an operator writes a shared poll namespace: `"sharedPoll": { … }` of a CHANNELS_FILE. */
import { z } from "zod";
import { type Environment, headerValue, variableValue } from "../bridge/source.ts";
import { between, fromEnvironment, headerName } from "../bridge/source_schema.ts";
import type { SharedPollRules } from "./rules.ts";
import { Signatures } from "./signatures.ts";

export const sharedPollSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "is not an http(s) URL" }).max(2_000).refine(
    (url) => !URL.canParse(url) || (new URL(url).username === "" && new URL(url).password === ""),
    "has a user or a password: use headers",
  ),
  every: between(100, 86_400_000, "100ms", "1d"),
  versioned: z.boolean().default(false),
  secret: fromEnvironment,
  headers: z.record(headerName, fromEnvironment).default({}),
  timeout: between(1, 10 * 60_000, "1ms", "10m").prefault("10s"),
  maxBytes: z.int().min(1).max(32 * 1024 * 1024).default(8 * 1024 * 1024),
  maxKeysPerConnection: z.int().min(1).max(10_000).default(100),
  maxKeys: z.int().min(1).max(100_000).default(10_000),
  batchSize: z.int().min(1).max(10_000).default(1_000),
  publishEnabled: z.boolean().default(false),
});

export type SharedPollSettings = z.output<typeof sharedPollSchema>;

/**
 * Puts what variables hold in its places.
 * @param at where the settings stand in the file.
 * @throws Error that names the field and the variable, never a value.
 */
export function readSharedPoll(
  { every, timeout, secret, headers, ...same }: SharedPollSettings,
  at: string,
  env: Environment,
): SharedPollRules {
  return {
    ...same,
    everyMs: every,
    timeoutMs: timeout,
    signatures: new Signatures(variableValue(`${at}.secret`, variableOf(secret), env)),
    headers: Object.entries(headers).map(([name, reference]) =>
      [name, headerValue(`${at}.headers.${name}`, name, variableOf(reference), env)] as const
    ),
  };
}

function variableOf(reference: string): string {
  return reference.slice("env:".length);
}
