/** JSON Pointer (RFC 6901). */
export type Pointer = readonly string[];

/** @throws Error that says what is wrong. */
export function parsePointer(text: string): Pointer {
  if (text === "") return [];
  if (!text.startsWith("/")) {
    throw new Error(`"${text}" is not a JSON Pointer: it begins with / or is empty`);
  }
  if (/~(?![01])/.test(text)) {
    throw new Error(`"${text}" is not a JSON Pointer: ~ is written ~0, and / in a name ~1`);
  }
  return text.slice(1).split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function formatPointer(pointer: Pointer): string {
  return pointer.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** What the pointer leads to; `failed` is as much of it as leads nowhere. */
export type Found = { readonly value: unknown } | { readonly failed: Pointer };

export function follow(pointer: Pointer, document: unknown): Found {
  let value = document;
  for (const [i, part] of pointer.entries()) {
    const inside = member(value, part);
    if (inside === undefined) return { failed: pointer.slice(0, i + 1) };
    value = inside;
  }
  return { value };
}

function member(value: unknown, part: string): unknown {
  if (Array.isArray(value)) {
    return /^(0|[1-9]\d{0,9})$/.test(part) ? value[Number(part)] : undefined;
  }
  if (!isRecord(value) || !Object.hasOwn(value, part)) return undefined;
  return value[part];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** For messages: "an array", "null" … */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
