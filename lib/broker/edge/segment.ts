/**
 * The log's rows. What one commit adds to one channel is a segment: its publications, which share
 * the commit's time, one a line. A KV value holds at most 64 KiB, so a segment is cut into rows of
 * at most `rowBytes`, and a publication that is longer alone is cut into parts.
 */
import type { Publication } from "../../protocol/publication.ts";

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
    // Three bytes a UTF-16 unit is the most that UTF-8 takes.
    if ((text.length + publication.body.length) * 3 > rowBytes) close();
    text += `\n${publication.body}`;
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
  const [header, ...bodies] = decoder.decode(bytes).split("\n");
  const time = Number(header);
  if (!Number.isSafeInteger(time) || bodies.length === 0) {
    throw new Error(`Cannot read the log row that ends at ${last} of "${channel}"`);
  }
  const first = last - bodies.length + 1;
  return bodies.map((body, i) => ({
    channel,
    position: { epoch, offset: first + i },
    body,
    time,
  }));
}
