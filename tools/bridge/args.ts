/** What the command line asks for. */
import { type Environment, readSources, type Source } from "../../lib/bridge/source.ts";
import { sourceSchema } from "../../lib/bridge/source_schema.ts";

export interface BridgeArgs {
  readonly source: Source;
  /** The source as a CHANNELS_FILE has it, without rights. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Variables that its headers come from. */
  readonly variables: readonly string[];
  /** null: PORT, or the default. */
  readonly port: number | null;
}

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const usage = `usage: deno task bridge URL [options]

  --every 2s           how often the URL is asked: 500ms, 2s, 1m
  --items /data/items  where the items are, as a JSON Pointer; without it, the whole document
  --key id             the field that tells items apart; /a/b leads to one inside another
  --shape array        array, objects or single, where it cannot be seen from the document
  --name orders        of the channel, bridge:<name>; without it, from the URL
  --header 'Authorization=env:TOKEN'
                       sends what the variable TOKEN has; may be given several times
  --port 8000          where to serve; without it, PORT or 8000`;

type Options = Readonly<Record<string, readonly string[]>>;
const known = ["every", "items", "key", "shape", "name", "header", "port"];

/** @throws UsageError that says what is wrong, never a variable's value */
export function parseArgs(args: readonly string[], env: Environment): BridgeArgs {
  const { url, options } = readWords(args);
  const last = (name: string) => options[name]?.at(-1);
  const headers = readHeaders(options["header"] ?? []);
  const given = {
    name: last("name") ?? nameFrom(url),
    url,
    every: last("every") ?? "2s",
    items: last("items"),
    key: last("key"),
    shape: last("shape"),
    headers: headers.length === 0 ? undefined : Object.fromEntries(headers),
  };
  const settings = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  return {
    source: readSource(settings, env),
    settings,
    variables: headers.map(([, reference]) => reference.slice("env:".length)),
    port: readPort(last("port")),
  };
}

function readWords(args: readonly string[]): { readonly url: string; readonly options: Options } {
  const urls: string[] = [];
  const options: Record<string, string[]> = {};
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith("-")) {
      urls.push(word);
      continue;
    }
    // `--name=value` is `--name value`.
    const [, name = "", joined] = /^--([a-z]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (!known.includes(name)) throw new UsageError(`unknown option ${word}`);
    const value = joined ?? words.shift();
    if (value === undefined) throw new UsageError(`--${name} needs a value`);
    options[name] = [...options[name] ?? [], value];
  }
  const [url, another] = urls;
  if (url === undefined) throw new UsageError("the URL to ask is missing");
  if (another !== undefined) throw new UsageError(`one URL at a time; "${another}" is another`);
  // As curl does.
  return { url: /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`, options };
}

function readHeaders(list: readonly string[]): (readonly [name: string, reference: string])[] {
  return list.map((one) => {
    const [, name, reference] = /^([^=]+)=(.*)$/s.exec(one) ?? [];
    if (name === undefined || reference === undefined) {
      throw new UsageError("--header is not of the form 'Name=env:VARIABLE'");
    }
    return [name, reference] as const;
  });
}

/** The last part of the path that can be a name. */
function nameFrom(url: string): string {
  const parts = URL.parse(url)?.pathname.split("/") ?? [];
  const names = parts.map((part) =>
    part.replace(/\.[A-Za-z]+$/, "").replace(/[^A-Za-z0-9_.-]+/g, "-").slice(0, 64)
  );
  return names.findLast((name) => /[A-Za-z]/.test(name)) ?? "items";
}

function readSource(settings: BridgeArgs["settings"], env: Environment): Source {
  const { data, error } = sourceSchema.safeParse({ ...settings, allow: { subscribe: "anyone" } });
  if (data === undefined) {
    const lines = error.issues.map(({ path, message }) => `${flagOf(path)} ${message}`);
    throw new UsageError(lines.join("\n"));
  }
  if (data.url.params.length > 0) {
    throw new UsageError(
      "URL has parameters in braces: such a source goes into a CHANNELS_FILE (docs/bridge.md)",
    );
  }
  try {
    const [source] = readSources({ sources: [data] }, env);
    if (source !== undefined) return source;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(message.replace(/^bridge\.sources\[0\]\.headers\./, "--header "), {
      cause,
    });
  }
  throw new UsageError("no source");
}

function flagOf([field, ...rest]: readonly PropertyKey[]): string {
  if (field === "url") return "URL";
  if (field === "headers") return ["--header", ...rest].map(String).join(" ") + ":";
  return `--${String(field)}`;
}

function readPort(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`--port "${text}" is not a port`);
}
