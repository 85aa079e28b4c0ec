/** What every page's islands share: made once for a page, on the server and in the browser. */
import { computed, type Signal, signal } from "@preact/signals";
import { Connection } from "./connection.ts";
import { type Format, formatFor } from "./format.ts";
import type { Language } from "./language.ts";
import { type Texts, texts } from "./texts.ts";

/** What the server hands to a page's islands, beside what the page has of its own. */
export interface PageState {
  readonly language: Language;
  /** The time zone the page was rendered in. */
  readonly timeZone: string;
  readonly access: Access;
  /** A connection token for who is trusted; null: the viewer brings one, or none is needed. */
  readonly token: string | null;
}

/** Whether the viewer may see the page's content; `off`: there is none. */
export type Access = "granted" | "needed" | "refused" | "off";

export class Page {
  readonly language: Language;
  readonly texts: Texts;
  readonly access: Signal<Access>;
  readonly connection = new Connection();
  /** The reader's own, once the browser has said it. */
  readonly timeZone: Signal<string>;
  readonly #format;

  constructor({ language, timeZone, access }: PageState) {
    this.language = language;
    this.texts = texts[language];
    this.timeZone = signal(timeZone);
    this.#format = computed(() => formatFor(language, this.timeZone.value));
    this.access = signal(access);
  }

  get format(): Format {
    return this.#format.value;
  }
}
