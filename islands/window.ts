/** Which rows of a long list are to be in the document: rows are all of one height. */
export interface View {
  /** Pixels that are scrolled away above. */
  readonly scrollTop: number;
  /** Pixels of the list that can be seen. */
  readonly height: number;
  readonly rowHeight: number;
}

/** Places of rows in the list: the first, and the one behind the last. */
export interface Span {
  readonly first: number;
  readonly end: number;
}

/** Rows beyond either edge, so that a little scrolling finds them there. */
const beyond = 6;

/** @param count of all rows */
export function spanOf({ scrollTop, height, rowHeight }: View, count: number): Span {
  const top = Math.min(Math.max(scrollTop, 0), Math.max(0, count * rowHeight - height));
  const first = Math.floor(top / rowHeight) - beyond;
  const end = Math.ceil((top + height) / rowHeight) + beyond;
  return { first: Math.max(0, first), end: Math.min(count, end) };
}

export interface Place {
  readonly scrollTop: number;
  /** How many rows more, or fewer, are above what one looks at. */
  readonly moved: number;
}

/**
 * Where to scroll so that what can be seen stays where it is when the list changes: by a row in sight
 * that is still there, and by one that moves least, for a row that is itself put elsewhere does not
 * take along who looks at its neighbours. Where none is, it stays as it is.
 * @param before the rows' keys in the list as it was
 */
export function keepPlace(view: View, before: readonly string[], after: readonly string[]): Place {
  const { scrollTop, height, rowHeight } = view;
  const first = Math.floor(scrollTop / rowHeight);
  const end = Math.min(before.length, Math.ceil((scrollTop + height) / rowHeight));
  let least: number | null = null;
  for (let i = first; i < end; i++) {
    const key = before[i];
    if (key === undefined) continue;
    // Mostly all rows in sight have moved alike.
    if (least !== null && after[i + least] === key) break;
    const place: number = after[i] === key ? i : after.indexOf(key);
    if (place < 0) continue;
    if (least === null || Math.abs(place - i) < Math.abs(least)) least = place - i;
    if (least === 0) break;
  }
  const moved = least ?? 0;
  return { scrollTop: Math.max(0, scrollTop + moved * rowHeight), moved };
}
