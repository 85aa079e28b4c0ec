/** The plain base that is drawn where there are no tiles: the lines that vehicles go along. */
import { decodeLine, type Point } from "./polyline.ts";

/** As `tools/base_map.ts` writes it. */
export interface Base {
  /** Whose data it is. */
  readonly source: string;
  /** Each as polyline.ts encodes it. */
  readonly lines: readonly string[];
}

export interface BaseLines {
  readonly source: string;
  readonly lines: readonly (readonly Point[])[];
}

/** @throws Error where it cannot be had or is none */
export async function loadBase(address: string): Promise<BaseLines> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  const { source, lines }: Base = await response.json();
  return { source, lines: lines.map(decodeLine) };
}
