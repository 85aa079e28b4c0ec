import type { PageState } from "../page.ts";

/** What the server hands to the page of a state channel. */
export interface LivePageState extends PageState {
  readonly channel: string;
  /** Where the bridge tells how its polling goes; null: the bridge does not fill the channel. */
  readonly statusChannel: string | null;
}
