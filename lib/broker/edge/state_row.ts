/**
 * The latest publication of a key as it lies in the store: a line of JSON that says what later
 * publishes are compared to, then the body, in one value or, as a KV value holds at most 64 KiB,
 * in parts. Each part names the publication's offset, so that a reader notices parts of two.
 */
import type { Publication } from "../../protocol/publication.ts";
import type { Entry } from "../key_rules.ts";
import { fromLabels, isTags, toLabels } from "./labels.ts";
import { concat, rowBytes } from "./segment.ts";

/** What a commit must know of a key. */
export interface StoredEntry extends Entry {
  /** Values its publication takes. */
  readonly parts: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const newline = 10;

/** Values for parts 0, 1, … of the key's row. */
export function toStateRow(publication: Publication, { version }: Entry): Uint8Array[] {
  const { position, time, body } = publication;
  const offset = position?.offset ?? 0;
  const rest = [time, body.length, toLabels(publication), version?.number, version?.epoch];
  const line = (parts: number) => `${JSON.stringify([offset, parts, ...rest])}\n`;
  const small = line(1) + body;
  // Three bytes a UTF-16 unit is the most that UTF-8 takes.
  if (small.length * 3 <= rowBytes) return [encoder.encode(small)];
  const bytes = encoder.encode(body);
  // The number of parts has three digits at most.
  const parts = Math.ceil((encoder.encode(line(100)).byteLength + bytes.byteLength) / rowBytes);
  const whole = concat([encoder.encode(line(parts)), bytes]);
  return Array.from({ length: parts }, (_, part) => {
    const slice = whole.subarray(part * rowBytes, (part + 1) * rowBytes);
    return part === 0 ? slice : concat([encoder.encode(`[${offset}]\n`), slice]);
  });
}

/** What part 0 says. @throws on anything `toStateRow` did not make. */
export function readEntry(first: Uint8Array): StoredEntry {
  const end = first.indexOf(newline);
  return entryOf(parse(decoder.decode(first.subarray(0, Math.max(0, end)))));
}

/**
 * The publication, from its parts in order; null when they are not all of one, which is so only
 * while it is being changed.
 */
export function readPublication(
  channel: string,
  epoch: string,
  values: readonly { readonly part: number; readonly bytes: Uint8Array }[],
): Publication | null {
  const [first] = values;
  if (first?.part !== 0) return null;
  const only = values.length === 1;
  const text = only ? decoder.decode(first.bytes) : joined(values);
  if (text === null) return null;
  const end = text.indexOf("\n");
  const header = parse(text.slice(0, Math.max(0, end)));
  const { offset, time, parts } = entryOf(header);
  if (parts !== values.length) return null;
  const body = text.slice(end + 1);
  const labels = typeof header[4] === "string" ? fromLabels(header[4]) : {};
  return { channel, position: { epoch, offset }, body, time, ...labels };
}

function joined(
  values: readonly { readonly part: number; readonly bytes: Uint8Array }[],
): string | null {
  let offset: unknown;
  const slices: Uint8Array[] = [];
  for (const [i, { part, bytes }] of values.entries()) {
    const end = bytes.indexOf(newline);
    const [of] = parse(decoder.decode(bytes.subarray(0, Math.max(0, end))));
    offset ??= of;
    if (part !== i || of !== offset) return null;
    slices.push(part === 0 ? bytes : bytes.subarray(end + 1));
  }
  return decoder.decode(concat(slices));
}

function parse(line: string): readonly unknown[] {
  const header: unknown = line === "" ? null : JSON.parse(line);
  if (!Array.isArray(header)) throw new Error("Cannot read a state row: it has no header");
  return header;
}

function entryOf(header: readonly unknown[]): StoredEntry {
  const [offset, parts, time, length, labels, number, epoch] = header;
  const sound = typeof offset === "number" && typeof parts === "number" &&
    typeof time === "number" && typeof length === "number";
  if (!sound) throw new Error("Cannot read a state row: its header is of another kind");
  const { tags } = typeof labels === "string" ? fromLabels(labels) : {};
  return {
    offset,
    parts,
    time,
    length,
    ...(isTags(tags) && { tags }),
    ...(typeof number === "number" && { version: { number, epoch: String(epoch) } }),
  };
}
