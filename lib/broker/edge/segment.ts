/**
 * The log's rows. What one commit adds to one channel is a segment: its publications, which share
 * the commit's time, one a line, with its labels and a tab in front if it has any. A KV value holds at most 64 KiB, so a segment is cut into rows of
 * at most `rowBytes`, and a publication that is longer alone is cut into parts.
 */
import type { Publication } from "../../protocol/publication.ts";
import { fromLabels, toLabels } from "./labels.ts";

export interface Row {
  /** Offset of the last publication in it: a scan from offset n finds the row that holds n. */
  readonly last: number;
  /** 0, 1, … when one publication needs several values. */
  readonly part: number;
  readonly bytes: Uint8Array;
}

/** Below the store's limit of 65,536, with room for its own header. */
export const rowBytes = 60_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Cuts consecutive publications of one channel, made at `time`, into rows. */
export function toRows(publications: readonly Publication[], time: number): Row[] {
  const rows: Row[] = [];
  let text = "";
  let last = 0;
  const close = () => {
    if (text === "") return;
    const bytes = encoder.encode(`${time}${text}`);
    for (let at = 0, part = 0; at < bytes.byteLength; at += rowBytes, part++) {
      rows.push({ last, part, bytes: bytes.subarray(at, at + rowBytes) });
    }
    text = "";
  };
  for (const publication of publications) {
    const labels = toLabels(publication);
    const line = labels === null ? publication.body : `${labels}\t${publication.body}`;
    // Three bytes a UTF-16 unit is the most that UTF-8 takes.
    if ((text.length + line.length) * 3 > rowBytes) close();
    text += `\n${line}`;
    last = publication.position?.offset ?? 0;
  }
  close();
  return rows;
}

/** The publications of a row whose parts have been joined. @throws on anything `toRows` did not make. */
export function fromRow(
  channel: string,
  epoch: string,
  last: number,
  bytes: Uint8Array,
): Publication[] {
  const [header, ...lines] = decoder.decode(bytes).split("\n");
  const time = Number(header);
  if (!Number.isSafeInteger(time) || lines.length === 0) {
    throw new Error(`Cannot read the log row that ends at ${last} of "${channel}"`);
  }
  const first = last - lines.length + 1;
  return lines.map((line, i) => {
    const position = { epoch, offset: first + i };
    // A body is an object, labels are an array.
    if (!line.startsWith("[")) return { channel, position, body: line, time };
    const tab = line.indexOf("\t");
    const body = line.slice(tab + 1);
    return { channel, position, body, time, ...fromLabels(line.slice(0, tab)) };
  });
}

/** The bytes of a value that was cut. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
