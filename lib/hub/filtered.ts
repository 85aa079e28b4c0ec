/** What a filter leaves of a channel's publications. */
import type { Filter } from "../protocol/filter.ts";
import { encodeBody, type Publication } from "../protocol/publication.ts";

/** What each publication took the place of, as far as its key was there; null: nothing. */
export type Replaced = readonly (Publication | null)[];

/** Those that go through, and the removals of keys that leave what goes through. */
export function filtered(
  publications: readonly Publication[],
  filter: Filter,
  replaced?: Replaced,
): Publication[] {
  return publications.flatMap((one, i) => passing(one, filter, replaced?.[i]) ?? []);
}

/**
 * The publication if the filter lets it through. If not, the key it is about may have been let
 * through before: then it is gone for the subscriber, and a removal stands in its place.
 * @param replaced undefined: what the subscriber was given of the key is not known.
 */
export function passing(
  publication: Publication,
  filter: Filter,
  replaced?: Publication | null,
): Publication | null {
  const { key, removed, tags } = publication;
  if (filter.matches(tags)) return publication;
  const wasThere = replaced === undefined || replaced !== null && filter.matches(replaced.tags);
  if (key === undefined || !wasThere) return null;
  return removed ? publication : removalInPlaceOf(publication, key);
}

function removalInPlaceOf({ channel, position, time }: Publication, key: string): Publication {
  const draft = { data: "null", key, removed: true } as const;
  return { channel, position, body: encodeBody(draft, position, time), time, key, removed: true };
}
