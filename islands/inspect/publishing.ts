/** What is typed to be published. */
export type Read<Value> =
  | { readonly kind: "value"; readonly value: Value }
  /** `place` null: it is not known. `detail` is in the browser's own words. */
  | { readonly kind: "bad"; readonly place: Place | null; readonly detail: string };

/** Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export function readJson(text: string): Read<unknown> {
  try {
    return { kind: "value", value: JSON.parse(text) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : `${error}`;
    return { kind: "bad", place: placeOf(detail, text), detail };
  }
}

/** `name=value, name=value`; "": none. null: it is of another form. */
export function readTags(text: string): Readonly<Record<string, string>> | null {
  if (text.trim() === "") return {};
  const tags = new Map<string, string>();
  for (const item of text.split(",")) {
    const at = item.indexOf("=");
    const name = item.slice(0, Math.max(0, at)).trim();
    if (name === "") return null;
    tags.set(name, item.slice(at + 1).trim());
  }
  return Object.fromEntries(tags);
}

/** Engines tell the place of some mistakes only. */
function placeOf(message: string, text: string): Place | null {
  const [, line, column] = /line (\d+) column (\d+)/.exec(message) ?? [];
  if (line !== undefined) return { line: Number(line), column: Number(column) };
  const [, at] = /position (\d+)/.exec(message) ?? [];
  // Text that ends too early has no place but its end.
  const isEnd = /end of|unterminated/i.test(message);
  if (at === undefined && !isEnd) return null;
  const before = text.slice(0, at === undefined ? text.length : Number(at)).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
