/// <reference lib="dom" />
/**
 * A list of any length that scrolls within itself, of which only what is in sight is in the
 * document. What one looks at stays where it is when rows come and go above it; at the very top, and
 * with neither pointer nor focus in it, the list shows what comes.
 *
 * Its rows are all as high as the first one. On the server, and until it has been measured, all rows
 * that it was given are there.
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { keepPlace, spanOf } from "./window.ts";

interface WindowListProps<Item> {
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  readonly id: string;
  /** The id of its heading. */
  readonly labelledBy: string;
  /** Another value begins at the top: the list is another one, such as by a filter. */
  readonly about: string;
  /** What a button says that leads to so many new rows above. */
  readonly newer: (count: number) => string;
  readonly children: (item: Item) => ComponentChildren;
}

/** Rows that are there while it is not known how high they are. */
const mostUnmeasured = 200;

interface Size {
  readonly height: number;
  readonly rowHeight: number;
}

/** What was shown last. */
interface Shown {
  readonly keys: readonly string[];
  readonly about: string;
  readonly scrollTop: number;
  readonly newer: number;
}

export function WindowList<Item>(props: WindowListProps<Item>) {
  const { items, keyOf, id, labelledBy, about, children } = props;
  const list = useRef<HTMLDivElement>(null);
  const size = useSignal<Size | null>(null);
  const scrolled = useSignal(0);
  const shown = useRef<Shown>({ keys: [], about, scrollTop: 0, newer: 0 });
  const keys = useMemo(() => items.map(keyOf), [items]);
  useSize(list, size, items.length > 0);
  const measured = size.value;
  const told = shown.current.scrollTop;
  const before = whereItIs(shown.current, list.current, keys);
  // Where the list has put itself is told of later than that its size has changed.
  const at = Math.max(scrolled.value, before.scrollTop);
  const now = next(list.current, measured, before, { keys, about, at });
  const hadFocus = list.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    shown.current = now;
    const element = list.current;
    if (element === null) return;
    if (now.scrollTop !== before.scrollTop) element.scrollTop = now.scrollTop;
    // So that the way back is another place.
    if (before.scrollTop !== told) scrolled.value = now.scrollTop;
    // The row that had it is out of sight: one goes on in the list.
    if (hadFocus && document.activeElement === document.body) {
      element.focus({ preventScroll: true });
    }
  });
  const onScroll = () => {
    const at = list.current?.scrollTop ?? 0;
    shown.current = { ...shown.current, scrollTop: at };
    // Within a row nothing changes but what the browser itself moves.
    const rowHeight = measured?.rowHeight ?? 1;
    if (Math.floor(at / rowHeight) !== Math.floor(scrolled.value / rowHeight) || at === 0) {
      scrolled.value = at;
    }
  };
  const toTop = () => {
    shown.current = { ...shown.current, scrollTop: 0, newer: 0 };
    scrolled.value = 0;
    list.current?.scrollTo({ top: 0 });
    // The button goes; who has pressed it goes on in the list.
    list.current?.focus({ preventScroll: true });
  };
  const { first, end } = measured === null
    ? { first: 0, end: Math.min(items.length, mostUnmeasured) }
    : spanOf({ ...measured, scrollTop: now.scrollTop }, items.length);
  return (
    <div class="window">
      {now.newer > 0 && (
        <button type="button" class="newer" onClick={toTop}>{props.newer(now.newer)}</button>
      )}
      {/* Focusable, for a keyboard has no other way to scroll it. */}
      <div class="list" ref={list} onScroll={onScroll} tabIndex={0} aria-labelledby={labelledBy}>
        <ul
          id={id}
          aria-labelledby={labelledBy}
          class={measured === null ? "rows" : "rows placed"}
          style={measured === null
            ? undefined
            : { height: `${items.length * measured.rowHeight}px` }}
        >
          {items.slice(first, end).map((item, i) => (
            <li
              key={keys[first + i]}
              aria-setsize={items.length}
              aria-posinset={first + i + 1}
              style={measured === null
                ? undefined
                // No row's move is a shift of the page's layout.
                : { transform: `translateY(${(first + i) * measured.rowHeight}px)` }}
            >
              {children(item)}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

interface Wanted {
  readonly keys: readonly string[];
  readonly about: string;
  /** Where one has scrolled to. */
  readonly at: number;
}

/** Before other rows come: one can have scrolled on since the browser has told of it. */
function whereItIs(shown: Shown, element: HTMLDivElement | null, keys: readonly string[]): Shown {
  if (element === null || keys === shown.keys) return shown;
  return { ...shown, scrollTop: element.scrollTop };
}

/** What to show next, and where it is scrolled to. */
function next(
  element: HTMLDivElement | null,
  size: Size | null,
  before: Shown,
  { keys, about, at }: Wanted,
): Shown {
  const other = { keys, about, scrollTop: 0, newer: 0 };
  if (element === null || size === null || about !== before.about) return other;
  const { scrollTop } = before;
  const above = Math.floor(scrollTop / size.rowHeight);
  if (keys === before.keys) {
    return { ...before, newer: at === 0 ? 0 : Math.min(before.newer, above) };
  }
  const isHeld = scrollTop > 0 || element.matches(":hover, :focus-within");
  if (!isHeld || before.keys.length === 0) return other;
  const place = keepPlace({ ...size, scrollTop }, before.keys, keys);
  const most = Math.max(0, keys.length * size.rowHeight - size.height);
  return {
    keys,
    about,
    scrollTop: Math.min(place.scrollTop, most),
    newer: place.scrollTop > most ? 0 : Math.max(0, before.newer + place.moved),
  };
}

/** Keeps up with how high the list and its rows are. */
function useSize(
  list: { readonly current: HTMLDivElement | null },
  size: { value: Size | null },
  hasRows: boolean,
): void {
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null || !hasRows) return;
    const measure = () => {
      const rowHeight = element.querySelector("li")?.offsetHeight ?? 0;
      const height = element.clientHeight;
      const known = size.value;
      // A list that is not displayed has no size.
      if (rowHeight === 0 || (known?.rowHeight === rowHeight && known.height === height)) return;
      size.value = { rowHeight, height };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasRows]);
}
