import type { GpxTrack } from "./gpx.ts";
import { parseRecording, type RecordedRows } from "./recording.ts";

/** A table that was read. */
export interface Table {
  readonly file: string;
  readonly rows: RecordedRows;
}

export interface Recordings {
  readonly tables: readonly Table[];
  /** Those of all GPX files. */
  readonly tracks: readonly GpxTrack[];
  /** The names of the GPX files. */
  readonly trackFiles: readonly string[];
}

/** Of one file: more than a day of a whole fleet, and not more than fits into memory. */
export const maxFileBytes = 64 * 1024 * 1024;

/** @throws Error that names the file and says what is wrong with it */
export async function readRecordings(paths: readonly (string | URL)[]): Promise<Recordings> {
  const tables: Table[] = [];
  const tracks: GpxTrack[] = [];
  const trackFiles: string[] = [];
  for (const path of paths) {
    const name = String(path);
    const file = name.slice(name.lastIndexOf("/") + 1);
    try {
      const recording = parseRecording(await readBounded(path));
      if (recording.kind === "tracks") {
        trackFiles.push(file);
        for (const track of recording.tracks) tracks.push(track);
      } else tables.push({ file, rows: recording });
    } catch (error) {
      throw new Error(`cannot replay ${path instanceof URL ? file : name}: ${reasonOf(error)}`);
    }
  }
  return { tables, tracks, trackFiles };
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  return error instanceof Error ? error.message : String(error);
}

async function readBounded(path: string | URL): Promise<string> {
  using file = await Deno.open(path);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const chunk = new Uint8Array(256 * 1024);
  let text = "";
  let bytes = 0;
  for (let n = await file.read(chunk); n !== null; n = await file.read(chunk)) {
    bytes += n;
    if (bytes > maxFileBytes) throw new Error(`it is larger than ${maxFileBytes} bytes`);
    text += decode(decoder, chunk.subarray(0, n));
  }
  return text + decode(decoder);
}

function decode(decoder: TextDecoder, bytes?: Uint8Array<ArrayBuffer>): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined });
  } catch {
    throw new Error("it is not UTF-8");
  }
}
