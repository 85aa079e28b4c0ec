/// <reference lib="dom" />
/** The colours of what is drawn on canvases: the style sheet has them, for light and for dark. */

export interface Colours {
  readonly ground: string;
  readonly grid: string;
  readonly line: string;
  readonly vehicle: string;
  readonly stale: string;
  readonly edge: string;
  /** Of what is less important than text. */
  readonly quiet: string;
  readonly text: string;
}

const names = ["ground", "grid", "line", "vehicle", "stale", "edge", "quiet", "text"] as const;

/** As they are now for this element. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const of = (name: (typeof names)[number]) => style.getPropertyValue(`--map-${name}`).trim();
  return {
    ground: of("ground"),
    grid: of("grid"),
    line: of("line"),
    vehicle: of("vehicle"),
    stale: of("stale"),
    edge: of("edge"),
    quiet: of("quiet"),
    text: of("text"),
  };
}
