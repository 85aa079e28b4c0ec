import type { Language } from "../texts.ts";

/** What the server hands to the page of a state channel. */
export interface LivePageState {
  readonly language: Language;
  /** The time zone the page was rendered in. */
  readonly timeZone: string;
  readonly channel: string;
  /** Where the bridge tells how its polling goes; null: the bridge does not fill the channel. */
  readonly statusChannel: string | null;
  /** null: none is needed. */
  readonly token: string | null;
}
