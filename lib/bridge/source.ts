/** An endpoint that is polled for everybody, as the bridge uses it. */
import type { Right } from "../channels.ts";
import type { Pointer } from "./pointer.ts";
import { bridgeSchema, type BridgeSettings, type SourceSettings } from "./source_schema.ts";
import type { UrlTemplate } from "./url_template.ts";

/** `auto`: seen from the document, and then kept to. */
export type Shape = "array" | "objects" | "single";

/** Where in the document the items are, and what their keys are. */
export interface ItemRules {
  readonly items: Pointer;
  readonly shape: Shape | "auto";
  /** null: `id` in an array, the property's name in an object of objects. */
  readonly key: Pointer | null;
  readonly maxKeys: number;
}

export interface Source extends ItemRules {
  readonly name: string;
  readonly url: UrlTemplate;
  /** By the names of the url's parameters, for those that have one. */
  readonly params: Readonly<Record<string, RegExp>>;
  readonly everyMs: number;
  /** Values are secrets. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Of one exchange, its body included. */
  readonly timeoutMs: number;
  /** Of a body, decompressed. */
  readonly maxBytes: number;
  /** Polled although nobody listens. */
  readonly always: boolean;
  /** Channels of a url with parameters that one isolate has open at a time. */
  readonly maxLive: number;
  readonly subscribe: Right;
}

/** Reads a variable of the environment. */
export type Environment = (name: string) => string | undefined;

/**
 * Puts the headers' values in their places.
 * @throws Error that names the field and the variable, never a value.
 */
export function readSources({ sources }: BridgeSettings, env: Environment): readonly Source[] {
  return sources.map((settings, i) => {
    const headers = Object.entries(settings.headers).map(([name, reference]) => {
      const at = `bridge.sources[${i}].headers.${name}`;
      return [name, headerValue(at, name, reference.slice("env:".length), env)] as const;
    });
    return sourceOf(settings, headers);
  });
}

/**
 * The value of a CHANNELS_FILE's `bridge`.
 * @throws Error with a line for each fault, that names its field.
 */
export function parseSources(json: unknown, env: Environment): readonly Source[] {
  const { data, error } = bridgeSchema.safeParse(json);
  if (data !== undefined) return readSources(data, env);
  const lines = error.issues.map(({ path, message }) => `${fieldName(path)}: ${message}`);
  throw new Error(lines.join("; "));
}

function sourceOf(settings: SourceSettings, headers: Source["headers"]): Source {
  const { every, timeout, allow, key, ...same } = settings;
  return {
    ...same,
    headers,
    key: key ?? null,
    everyMs: every,
    timeoutMs: timeout,
    subscribe: allow.subscribe,
  };
}

/**
 * A header's value from the environment.
 * @throws Error that names the field and the variable, never a value.
 */
export function headerValue(
  at: string,
  header: string,
  variable: string,
  env: Environment,
): string {
  const value = variableValue(at, variable, env);
  try {
    new Headers([[header, value]]);
  } catch {
    throw new Error(`${at}: what ${variable} has cannot stand in a header`);
  }
  return value.trim();
}

/** @throws Error that names the field and the variable. */
export function variableValue(at: string, variable: string, env: Environment): string {
  let value: string | undefined;
  try {
    value = env(variable);
  } catch (error) {
    throw new Error(`${at}: ${variable} cannot be read`, { cause: error });
  }
  if (value === undefined || value === "") {
    throw new Error(`${at}: the environment variable ${variable} is not set`);
  }
  return value;
}

/** `bridge.sources[0].url` */
function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, part) => typeof part === "number" ? `${name}[${part}]` : `${name}.${String(part)}`,
    "bridge",
  );
}
