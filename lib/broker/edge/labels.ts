/**
 * What a broker and its readers must know of a publication without reading its body, as a line of
 * text: `[key, removed, tags, score]`, shortened from its end.
 */
import type { Publication, Tags } from "../../protocol/publication.ts";

export type Labels = Pick<Publication, "key" | "removed" | "tags" | "score">;

/** null: it has none. */
export function toLabels({ key, removed, tags, score }: Labels): string | null {
  if (score !== undefined) return JSON.stringify([key ?? 0, removed ? 1 : 0, tags ?? 0, score]);
  if (tags !== undefined) return JSON.stringify([key ?? 0, removed ? 1 : 0, tags]);
  if (removed) return JSON.stringify([key ?? 0, 1]);
  return key === undefined ? null : JSON.stringify([key]);
}

/** @throws on anything `toLabels` did not make. */
export function fromLabels(text: string): Labels {
  const labels: unknown = JSON.parse(text);
  if (!Array.isArray(labels)) throw new Error("Cannot read the labels of a publication");
  const [key, removed, tags, score]: unknown[] = labels;
  return {
    ...(typeof key === "string" && { key }),
    ...(removed === 1 && { removed: true as const }),
    ...(isTags(tags) && { tags }),
    ...(typeof score === "number" && { score }),
  };
}

export function isTags(value: unknown): value is Tags {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
