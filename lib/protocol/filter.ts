/** Filters over publications' tags (PROTOCOL.md 2.5): decoded, checked and bounded once. */
import { compareDecimals, isDecimal } from "./decimal.ts";
import { ProtocolError } from "./errors.ts";
import { type Fields, isFields } from "./fields.ts";
import { treeOf } from "./filter_text.ts";
import type { Tags } from "./publication.ts";

/** Chooses publications by their tags. */
export interface Filter {
  /** The same for filters that are the same: the tree as JSON, its members in one order. */
  readonly text: string;
  matches(tags: Tags | undefined): boolean;
}

export const filterLimits = {
  /** Levels of the tree. */
  depth: 8,
  nodes: 64,
  vals: 64,
  /** UTF-16 units of a tag's name and of its value, as for publishers. */
  keyLength: 64,
  valLength: 256,
  /** UTF-16 units of a filter that comes as text. */
  textLength: 16_384,
} as const;

const comparisons = [
  "eq",
  "neq",
  "in",
  "nin",
  "ex",
  "nex",
  "sw",
  "ew",
  "ct",
  "lt",
  "lte",
  "gt",
  "gte",
] as const;
type Comparison = (typeof comparisons)[number];

type Match = (tags: Tags) => boolean;

/** A part of the tree, checked. */
interface Node {
  readonly text: string;
  readonly matches: Match;
}

/** @param value the protocol's `tf`, as JSON gave it. @throws ProtocolError 107 */
export function decodeFilter(value: unknown): Filter {
  const { text, matches } = new Decoder().node(value, "filter", 1);
  return { text, matches: (tags) => matches(tags ?? {}) };
}

/** @param text `status=open,qty>=5`, or the tree as JSON. @throws ProtocolError 107 */
export function parseFilter(text: string): Filter {
  if (text.length > filterLimits.textLength) {
    refuse("filter", `is longer than ${filterLimits.textLength} characters`);
  }
  if (!text.startsWith("{")) return decodeFilter(treeOf(text));
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch {
    refuse("filter", "begins as JSON and is none");
  }
  return decodeFilter(tree);
}

class Decoder {
  #nodes = 0;

  node(value: unknown, at: string, depth: number): Node {
    if (!isFields(value)) refuse(at, "is not an object");
    if (++this.#nodes > filterLimits.nodes) {
      refuse(at, `is more than the ${filterLimits.nodes} nodes a filter may have`);
    }
    if (depth > filterLimits.depth) refuse(at, `is deeper than ${filterLimits.depth} levels`);
    const op = string(value, "op", at, 8) ?? "";
    if (op === "") return leaf(value, at);
    if (op !== "and" && op !== "or" && op !== "not") {
      refuse(`${at}.op`, `"${op}" is none of and, or, not`);
    }
    onlyFor("a comparison", value, ["key", "cmp", "val", "vals"], at);
    const nodes = list(value, "nodes", at).map((child, i) =>
      this.node(child, `${at}.nodes[${i}]`, depth + 1)
    );
    if (nodes.length === 0) refuse(`${at}.nodes`, "is empty");
    if (op === "not" && nodes.length > 1) refuse(`${at}.nodes`, "of not has more than one node");
    return { text: `{"op":"${op}","nodes":[${nodes.map(textOf).join(",")}]}`, ...join(op, nodes) };
  }
}

function textOf({ text }: Node): string {
  return text;
}

function join(op: "and" | "or" | "not", nodes: readonly Node[]): { matches: Match } {
  switch (op) {
    case "and":
      return { matches: (tags) => nodes.every((node) => node.matches(tags)) };
    case "or":
      return { matches: (tags) => nodes.some((node) => node.matches(tags)) };
    case "not":
      return { matches: (tags) => !nodes.some((node) => node.matches(tags)) };
  }
}

function leaf(value: Fields, at: string): Node {
  onlyFor("and, or, not", value, ["nodes"], at);
  const key = string(value, "key", at, filterLimits.keyLength) ?? "";
  if (key === "") refuse(`${at}.key`, "is missing: which tag?");
  const given = string(value, "cmp", at, 8) ?? "";
  const cmp = comparisons.find((name) => name === given);
  if (cmp === undefined) {
    refuse(`${at}.cmp`, `"${given}" is none of ${comparisons.join(", ")}`);
  }
  const start = `{"key":${JSON.stringify(key)},"cmp":"${cmp}"`;
  switch (cmp) {
    case "ex":
    case "nex":
      onlyFor("other comparisons", value, ["val", "vals"], at);
      return { text: `${start}}`, matches: (tags) => Object.hasOwn(tags, key) === (cmp === "ex") };
    case "in":
    case "nin": {
      onlyFor("other comparisons", value, ["val"], at);
      const vals = new Set<string | undefined>(
        list(value, "vals", at).map((val, i) => valueAt(val, `${at}.vals[${i}]`)),
      );
      if (vals.size === 0) refuse(`${at}.vals`, "is empty");
      const text = `${start},"vals":${JSON.stringify([...vals].sort())}}`;
      return { text, matches: (tags) => vals.has(tagOf(tags, key)) === (cmp === "in") };
    }
    default: {
      onlyFor("in and nin", value, ["vals"], at);
      if (value["val"] === undefined || value["val"] === null) refuse(`${at}.val`, "is missing");
      const val = valueAt(value["val"], `${at}.val`);
      return { text: `${start},"val":${JSON.stringify(val)}}`, ...compared(cmp, key, val, at) };
    }
  }
}

function tagOf(tags: Tags, key: string): string | undefined {
  return Object.hasOwn(tags, key) ? tags[key] : undefined;
}

/** A tag that is not there is not equal to anything; every other comparison fails for it. */
function compared(
  cmp: Exclude<Comparison, "in" | "nin" | "ex" | "nex">,
  key: string,
  val: string,
  at: string,
): { matches: Match } {
  const text = (test: (tag: string) => boolean): { matches: Match } => ({
    matches: (tags) => {
      const tag = tagOf(tags, key);
      return tag !== undefined && test(tag);
    },
  });
  const number = (test: (difference: number) => boolean): { matches: Match } => {
    if (!isDecimal(val)) refuse(`${at}.val`, `"${val}" is not a number such as 12 or -0.5`);
    return text((tag) => isDecimal(tag) && test(compareDecimals(tag, val)));
  };
  switch (cmp) {
    case "eq":
      return text((tag) => tag === val);
    case "neq":
      return { matches: (tags) => tagOf(tags, key) !== val };
    case "sw":
      return text((tag) => tag.startsWith(val));
    case "ew":
      return text((tag) => tag.endsWith(val));
    case "ct":
      return text((tag) => tag.includes(val));
    case "lt":
      return number((difference) => difference < 0);
    case "lte":
      return number((difference) => difference <= 0);
    case "gt":
      return number((difference) => difference > 0);
    case "gte":
      return number((difference) => difference >= 0);
  }
}

function string(fields: Fields, name: string, at: string, maxLength: number): string | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== "string") refuse(`${at}.${name}`, "is not a string");
  if (value.length > maxLength) refuse(`${at}.${name}`, `is longer than ${maxLength} characters`);
  return value;
}

function valueAt(value: unknown, at: string): string {
  if (typeof value !== "string") refuse(at, "is not a string, as tags are");
  const { valLength } = filterLimits;
  if (value.length > valLength) refuse(at, `is longer than ${valLength} characters`);
  return value;
}

function list(fields: Fields, name: string, at: string): readonly unknown[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value)) refuse(`${at}.${name}`, "is not a list");
  if (value.length > filterLimits.vals) {
    refuse(`${at}.${name}`, `has more than ${filterLimits.vals} entries`);
  }
  return value;
}

/** Empty fields say nothing, as everywhere in the protocol. */
function onlyFor(what: string, fields: Fields, names: readonly string[], at: string): void {
  for (const name of names) {
    const value = fields[name] ?? "";
    const empty = value === "" || (Array.isArray(value) && value.length === 0);
    if (!empty) refuse(`${at}.${name}`, `is for ${what}`);
  }
}

function refuse(at: string, what: string): never {
  throw new ProtocolError("badRequest", `${at} ${what}`);
}
