/// <reference lib="dom" />
/** A place for a small chart, whose script comes when the page has nothing better to do. */
import { useEffect, useRef } from "preact/hooks";
import type { Live } from "./live.ts";

/** What the charts' script exports. */
type Charts = typeof import("../charts.tsx");

interface ChartProps {
  readonly live: Live;
  /** Oldest first. */
  readonly values: readonly number[];
}

/** Says nothing that the text beside it does not: it is hidden from screen readers. */
export function Chart({ live, values }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<ReturnType<Charts["drawChart"]> | undefined>(undefined);
  const latest = useRef(values);
  latest.current = values;
  useEffect(() => {
    let isGone = false;
    load(live.charts).then(({ drawChart }) => {
      if (isGone || place.current === null) return;
      drawn.current = drawChart(place.current, latest.current);
    }, () => {
      // The figures stand beside it as text.
    });
    return () => {
      isGone = true;
      drawn.current?.remove();
    };
  }, []);
  useEffect(() => drawn.current?.show(values), [values.join()]);
  return <div class="chart" ref={place} aria-hidden="true" />;
}

let loading: Promise<Charts> | undefined;

/** Once for a page. */
function load(address: string): Promise<Charts> {
  loading ??= idle().then(() => import(address));
  return loading;
}

/** When what matters more has been done. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    // Not in every browser.
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => resolve());
    else setTimeout(resolve, 200);
  });
}
