/** A part of a page that the server renders and the browser brings to life. */
import { hydrate } from "preact";
import type { Live } from "./dashboard/live.ts";
import { type IslandName, islandNamed, type PropsOf } from "./registry.ts";

interface IslandProps<Name extends IslandName> {
  readonly name: Name;
  readonly live: Live;
  readonly props: PropsOf<Name>;
}

/** For the server: the island's first rendering, and what `hydrateIslands` needs to know of it. */
export function Island<Name extends IslandName>({ name, live, props }: IslandProps<Name>) {
  const Component = islandNamed(name);
  return (
    <div data-island={name} data-props={JSON.stringify(props)}>
      <Component live={live} {...props} />
    </div>
  );
}

/** For the browser: takes over every island of the page. */
export function hydrateIslands(document: Document, live: Live): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-island]")) {
    const { island = "", props = "{}" } = element.dataset;
    const Component = islandNamed(island);
    hydrate(<Component live={live} {...JSON.parse(props)} />, element);
  }
}
