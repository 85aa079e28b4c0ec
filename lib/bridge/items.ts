/** The items of a document and their keys. */
import { maxDataBytes } from "../node/publisher.ts";
import { maxKeyLength } from "../protocol/publication.ts";
import { isLonger } from "../protocol/utf8.ts";
import { follow, formatPointer, isRecord, kindOf, type Pointer } from "./pointer.ts";
import { excerpt, PollError, type PollErrorKind } from "./poll_error.ts";
import type { ItemRules, Shape } from "./source.ts";
import type { WatchedState } from "./target.ts";

export interface Item {
  readonly value: unknown;
  /** `value` as JSON. */
  readonly text: string;
}

export interface Items {
  /** null: seen from nothing. */
  readonly shape: Shape | null;
  readonly byKey: ReadonlyMap<string, Item>;
}

/** The key of what is a single item. */
export const singleKey = "value";

/** What earlier documents were, by which one that may be read in two ways is read. */
export interface Earlier {
  /** As this poller saw them; null: not yet. */
  readonly shape: Shape | null;
  /** What the channel has of them. */
  readonly held: "nothing" | "single" | "many";
}

/** @throws PollError */
export function itemsOf(document: unknown, rules: ItemRules, earlier: Earlier): Items {
  const value = find(document, rules.items);
  const shape = rules.shape === "auto" ? seenShape(value, rules, earlier) : rules.shape;
  const byKey = new Map<string, Item>();
  for (const [key, item, at] of entriesOf(value, shape, rules)) {
    if (byKey.has(key)) throw fail("key_duplicate", `two items have the key ${shown(key)}`);
    if (byKey.size === rules.maxKeys) {
      throw fail("too_many_keys", `there are more than ${rules.maxKeys} items`);
    }
    checkKey(key, at);
    const text = JSON.stringify(item);
    checkSize(key, text);
    byKey.set(key, { value: item, text });
  }
  return { shape: byKey.size === 0 ? null : shape, byKey };
}

export function heldIn(state: WatchedState): Earlier["held"] {
  let held: Earlier["held"] = "nothing";
  for (const { key } of state.entries()) {
    if (key !== singleKey || held !== "nothing") return "many";
    held = "single";
  }
  return held;
}

function find(document: unknown, pointer: Pointer): unknown {
  const found = follow(pointer, document);
  if ("value" in found) return found.value;
  const whole = formatPointer(pointer);
  throw fail(
    "pointer",
    `items: "${whole}" leads nowhere: there is no "${formatPointer(found.failed)}"`,
  );
}

/**
 * An array is a list of items. An object is an object of objects when all its members are objects,
 * or when the source names a key; else a single item. What was seen before is kept to, so that a
 * member that is null for a moment, or an error in place of the items, does not remove them all.
 */
function seenShape(value: unknown, { key }: ItemRules, { shape, held }: Earlier): Shape {
  if (Array.isArray(value) && (shape === null || shape === "array")) return "array";
  if (isRecord(value) && shape !== "array") {
    if (shape === "single" || (shape === null && held === "single")) return "single";
    if (key !== null || Object.values(value).every(isRecord)) return "objects";
    if (shape === null && held === "nothing") return "single";
  }
  const is = isRecord(value) ? "an object" : kindOf(value);
  const but = shape === null && held === "nothing"
    ? "an array or an object is needed"
    : `the channel has what came from ${wording[shape ?? held]}`;
  throw fail(
    "shape",
    `where the items should be is ${is}; ${but} (the source's "shape" settles it)`,
  );
}

const wording = {
  array: "an array",
  objects: "an object of objects",
  single: "a single object",
  many: "an array or an object of objects",
  nothing: "nothing",
};

type Entry = readonly [key: string, item: unknown, at: string];

function* entriesOf(value: unknown, shape: Shape, { key }: ItemRules): Iterable<Entry> {
  switch (shape) {
    case "single":
      yield [singleKey, value, "the item"];
      return;
    case "array": {
      if (!Array.isArray(value)) {
        throw fail("shape", `the items are ${kindOf(value)}, not an array`);
      }
      const pointer = key ?? ["id"];
      for (const [i, item] of value.entries()) {
        yield [keyIn(item, pointer, `item ${i}`), item, `item ${i}`];
      }
      return;
    }
    case "objects":
      if (!isRecord(value)) throw fail("shape", `the items are ${kindOf(value)}, not an object`);
      for (const [name, item] of Object.entries(value)) {
        const at = `item ${shown(name)}`;
        yield [key === null ? name : keyIn(item, key, at), item, at];
      }
  }
}

function keyIn(item: unknown, pointer: Pointer, at: string): string {
  const name = pointer.length === 1 ? `"${pointer[0]}"` : `"${formatPointer(pointer)}"`;
  if (!isRecord(item) && !Array.isArray(item)) {
    throw fail("key_missing", `${at} is ${kindOf(item)} and has no key ${name}`);
  }
  const found = follow(pointer, item);
  if ("failed" in found || found.value === null) {
    throw fail("key_missing", `${at} has no key ${name}`);
  }
  const { value } = found;
  if (typeof value === "string") return value;
  if (typeof value !== "number") {
    throw fail("key_invalid", `${at}: key ${name} is ${kindOf(value)}, not a string or a number`);
  }
  // Beyond this, numbers that differ in the document may be the same here.
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
  throw fail("key_invalid", `${at}: key ${name} is a number too large to be exact`);
}

function checkKey(key: string, at: string): void {
  if (key === "") throw fail("key_invalid", `${at}: its key is empty`);
  if (key.length > maxKeyLength) {
    throw fail(
      "key_too_long",
      `${at}: key ${shown(key)} is longer than ${maxKeyLength} characters`,
    );
  }
  if (!key.isWellFormed()) throw fail("key_invalid", `${at}: its key is not Unicode`);
}

function checkSize(key: string, text: string): void {
  if (!isLonger(text, maxDataBytes)) return;
  throw fail("item_too_large", `item ${shown(key)} is larger than ${maxDataBytes} bytes as JSON`);
}

function shown(key: string): string {
  return `"${excerpt(key, 60)}"`;
}

function fail(kind: PollErrorKind, message: string): PollError {
  return new PollError(kind, message);
}
