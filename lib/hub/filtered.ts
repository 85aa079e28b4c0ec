/** What a filter leaves of a channel's publications. */
import type { Filter } from "../protocol/filter.ts";
import { encodeBody, type Publication } from "../protocol/publication.ts";

/** What a publication took the place of; null: nothing. */
export type Before = Publication | null | "unknown";
/** The same of each publication. */
export type Replaced = readonly Before[];

/** Whether a subscriber may have been given the publication's key with tags that let it through. */
export type MayHave = (key: string, publication: Publication, index: number) => boolean;

/** Those that go through, and the removals of keys that leave what goes through. */
export function filtered(
  publications: readonly Publication[],
  filter: Filter,
  mayHave: MayHave,
): Publication[] {
  return publications.flatMap((one, i) => {
    if (filter.matches(one.tags)) return one;
    // A key that was let through before is gone for the subscriber.
    if (one.key === undefined || !mayHave(one.key, one, i)) return [];
    return one.removed ? one : removalInPlaceOf(one, one.key);
  });
}

function removalInPlaceOf({ channel, position, time }: Publication, key: string): Publication {
  const draft = { data: "null", key, removed: true } as const;
  return { channel, position, body: encodeBody(draft, position, time), time, key, removed: true };
}
