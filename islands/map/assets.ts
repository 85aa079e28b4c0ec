/** What a page is told of the map that it may load. */

export interface MapAssets {
  /** Addresses. */
  readonly script: string;
  readonly style: string;
  readonly base: string;
  /** null: the plain base alone. */
  readonly tiles: Tiles | null;
}

/** In the state of a page that has a map. */
export interface MapPageState {
  readonly map: MapAssets;
}

export interface Tiles {
  /** With {z}, {x}, {y} and perhaps {r}. */
  readonly template: string;
  /** Plain text. */
  readonly credit: string;
}
