/// <reference lib="dom" />
/** What the server hands to the page's islands: one JSON block in the document. */
import type { OrderSummary, StockItem, VehiclePosition } from "../lib/store/events.ts";
import type { Language } from "./texts.ts";

/** What is shown until the channels have told what they hold, and where no script runs. */
export interface Snapshot {
  readonly orders: readonly OrderSummary[];
  readonly stock: readonly StockItem[];
  readonly vehicles: readonly VehiclePosition[];
}

/** What a viewer who may see the shop is given at once. */
export interface Grant {
  readonly token: string;
  readonly snapshot: Snapshot;
}

export interface PageState {
  readonly language: Language;
  /** The time zone the page was rendered in. */
  readonly timeZone: string;
  /** Whether there is a shop to show. */
  readonly shop: boolean;
  /** null: the viewer has to bring a token. */
  readonly grant: Grant | null;
}

export const pageStateId = "page-state";

/** JSON that is safe inside a script element: nothing in it can end the element or open a comment. */
export function encodePageState(state: object): string {
  return JSON.stringify(state).replaceAll("<", "\\u003c");
}

/** What the server put there for this page's script. */
export function readPageState<State = PageState>(document: Document): State {
  const text = document.getElementById(pageStateId)?.textContent;
  if (text === undefined || text === null) throw new Error(`the page has no #${pageStateId}`);
  return JSON.parse(text);
}
