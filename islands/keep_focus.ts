/// <reference lib="dom" />
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/**
 * For an element that goes by itself, as a button when its work is done: where it has the focus then,
 * the heir gets it, for otherwise nothing would.
 * @param heirOf called while both are still in the document; the heir must be able to have the focus
 */
export function useHeir<Own extends HTMLElement>(
  heirOf: (own: Own) => HTMLElement | null | undefined,
): RefObject<Own | null> {
  const ref = useRef<Own>(null);
  useLayoutEffect(() => () => {
    const { current } = ref;
    if (current === null || current !== document.activeElement) return;
    heirOf(current)?.focus({ preventScroll: true });
  }, []);
  return ref;
}
