/// <reference lib="dom" />
/** A part of a page that the server renders and the browser brings to life. */
import { type ComponentChildren, hydrate, type VNode } from "preact";

/** For the server: the island's first rendering, where `hydrateIslands` finds it by its name. */
export function Island({ name, children }: { name: string; children: ComponentChildren }) {
  return <div data-island={name}>{children}</div>;
}

/** For the browser: takes over the islands of the page, each rendered as the server has done it. */
export function hydrateIslands(islands: Readonly<Record<string, VNode>>): void {
  for (const [name, island] of Object.entries(islands)) {
    const element = document.querySelector(`[data-island="${name}"]`);
    if (element === null) throw new Error(`the page has no island "${name}"`);
    hydrate(island, element);
  }
}
