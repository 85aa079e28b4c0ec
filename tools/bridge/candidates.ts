/** Where in a document the items may be, and what their keys may be: for advice. */
import { follow, formatPointer, isRecord, type Pointer } from "../../lib/bridge/pointer.ts";

export interface Candidate {
  readonly items: Pointer;
  readonly kind: "array" | "objects";
  readonly count: number;
  /** Pointers to what is different in each item, the likeliest first. */
  readonly keys: readonly Pointer[];
}

const maxDepth = 6;
const maxLooks = 10_000;

/** Lists of objects, the likeliest first. */
export function candidatesIn(document: unknown): readonly Candidate[] {
  const found: Candidate[] = [];
  const open: { readonly value: unknown; readonly at: Pointer }[] = [{ value: document, at: [] }];
  for (let looks = 0; open.length > 0 && looks < maxLooks; looks++) {
    const { value, at } = open.shift() ?? { value: null, at: [] };
    const candidate = candidateAt(value, at);
    if (candidate !== null) found.push(candidate);
    if (!isRecord(value) || at.length === maxDepth) continue;
    for (const [name, inside] of Object.entries(value).slice(0, maxLooks)) {
      if (typeof inside === "object") open.push({ value: inside, at: [...at, name] });
    }
  }
  return found.toSorted((a, b) => rank(b) - rank(a));
}

/** What stands at one place, where it is a list of objects. */
export function candidateAt(value: unknown, at: Pointer): Candidate | null {
  if (Array.isArray(value)) {
    if (value.length === 0 || !value.every(isRecord)) return null;
    return { items: at, kind: "array", count: value.length, keys: keysOf(value) };
  }
  if (!isRecord(value)) return null;
  const members = Object.values(value);
  if (members.length < 2 || !members.every(isRecord) || !areAlike(members)) return null;
  return { items: at, kind: "objects", count: members.length, keys: [] };
}

/** `/data/items (array of 25 objects with id)` */
export function describe({ items, kind, count, keys: [key] }: Candidate): string {
  const where = items.length === 0 ? "the document itself" : formatPointer(items);
  if (kind === "objects") return `${where} (object of ${count} objects)`;
  const objects = count === 1 ? "1 object" : `${count} objects`;
  return `${where} (array of ${objects}${key === undefined ? "" : ` with ${keyName(key)}`})`;
}

/** The options that lead there. */
export function optionsFor({ items, kind, keys: [key] }: Candidate): string {
  const options = items.length === 0 ? [] : ["--items", quoted(formatPointer(items))];
  if (kind === "array" && key !== undefined && keyName(key) !== "id") {
    options.push("--key", quoted(keyName(key)));
  }
  return options.join(" ");
}

/** As `--key` takes it. */
export function keyName(key: Pointer): string {
  const [name = ""] = key;
  return key.length === 1 && !name.startsWith("/") ? name : formatPointer(key);
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function rank({ kind, count, keys, items }: Candidate): number {
  const kindRank = kind === "array" ? (keys.length > 0 ? 2 : 1) : 0;
  return kindRank * 1e9 + Math.min(count, 1e6) * 10 - items.length;
}

/** Members of one kind have a field in common; those of an envelope have not. */
function areAlike([first = {}, ...others]: readonly Readonly<Record<string, unknown>>[]): boolean {
  return Object.keys(first).some((name) => others.every((one) => Object.hasOwn(one, name)));
}

/** Fields of the items, and of objects in them, that have another value in each. */
function keysOf(items: readonly Readonly<Record<string, unknown>>[]): Pointer[] {
  const [first = {}] = items;
  const fields = Object.entries(first).flatMap(([name, value]): Pointer[] =>
    isRecord(value) ? Object.keys(value).map((inner) => [name, inner]) : [[name]]
  );
  return fields.slice(0, 200).filter((field) => isKey(field, items))
    .map((field, i) => ({ field, order: likeliness(field) * 1_000 + i }))
    .sort((a, b) => a.order - b.order).map(({ field }) => field);
}

function isKey(field: Pointer, items: readonly unknown[]): boolean {
  const values = new Set<string>();
  for (const item of items) {
    const found = follow(field, item);
    const value = "value" in found ? found.value : undefined;
    if (typeof value !== "string" && typeof value !== "number") return false;
    values.add(String(value));
  }
  return values.size === items.length && !values.has("");
}

const usual = ["id", "_id", "key", "uuid", "uid", "code", "sku", "number", "no", "slug", "name"];

/** The lower the likelier. */
function likeliness(field: Pointer): number {
  const name = (field.at(-1) ?? "").toLowerCase();
  const place = usual.indexOf(name);
  const byName = place >= 0
    ? place
    : /(id|key|code|no|number)$/.test(name)
    ? usual.length
    : usual.length + 1;
  return byName + (field.length - 1) * 20;
}
