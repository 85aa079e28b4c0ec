/**
 * A filter as it stands in a URL: `status=open|new,region!=north,qty>=5,urgent,!hidden`. Conditions
 * are separated by commas, and all of them must hold.
 *
 *     tag=a  tag=a|b      equal to (one of)         tag^=a  tag$=a  tag*=a   begins, ends, contains
 *     tag!=a tag!=a|b     not equal to (any of)     tag<5 tag<=5 tag>5 tag>=5
 *     tag                 there is such a tag       !tag    there is none
 *
 * What has a meaning here (`,` `|` `%` and, in a tag's name, `! = < > ^ $ *`) is percent-encoded in
 * names and values, so twice in a URL.
 */
import { ProtocolError } from "./errors.ts";

const operators = {
  "=": "eq",
  "!=": "neq",
  "^=": "sw",
  "$=": "ew",
  "*=": "ct",
  "<": "lt",
  "<=": "lte",
  ">": "gt",
  ">=": "gte",
} as const;

/** The protocol's tree; its bounds are not checked here. @throws ProtocolError 107 */
export function treeOf(text: string): unknown {
  const conditions = text.split(",").map(conditionOf);
  return conditions.length === 1 ? conditions[0] : { op: "and", nodes: conditions };
}

function conditionOf(text: string): unknown {
  if (text.trim() === "") refuse(text, "is empty");
  const [, not, name = "", operator, rest = ""] =
    /^(!?)([^=!<>^$*]*)(?:(=|!=|\^=|\$=|\*=|<=|>=|<|>)(.*))?$/s.exec(text) ?? refuse(text);
  const key = decoded(name, text);
  if (name !== name.trim() || name === "") refuse(text, "has no tag's name, or spaces around it");
  if (not === "!") {
    if (operator !== undefined) refuse(text, "has ! before the name and a comparison");
    return { key, cmp: "nex" };
  }
  if (operator === undefined) return { key, cmp: "ex" };
  const cmp = operators[operator as keyof typeof operators];
  const vals = rest.split("|").map((val) => decoded(val, text));
  if (vals.length === 1) return { key, cmp, val: vals[0] };
  if (cmp === "eq") return { key, cmp: "in", vals };
  if (cmp === "neq") return { key, cmp: "nin", vals };
  return refuse(text, "has several values; only = and != take them");
}

function decoded(text: string, condition: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(condition, "has a % that begins no percent-encoding");
  }
}

function refuse(condition: string, what = "is no condition such as status=open"): never {
  throw new ProtocolError("badRequest", `filter: "${condition.slice(0, 100)}" ${what}`);
}
