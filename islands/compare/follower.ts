/** What brings a feed to the page in one way. */
import type { CompareItem } from "../../lib/compare/item.ts";

export type WayState =
  /** Nothing is measured. */
  | { readonly name: "idle" }
  | { readonly name: "opening" }
  | { readonly name: "running" }
  /** It tries again by itself. */
  | { readonly name: "failing"; readonly reason: string };

export interface Sink {
  is(state: WayState): void;
  /** Some items as they are now, or all of them. */
  changed(items: readonly CompareItem[]): void;
}

export interface Follower {
  /** Resolves when nothing is left open; the sink is told nothing more. */
  close(): Promise<void>;
}
