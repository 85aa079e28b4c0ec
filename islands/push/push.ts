/** What a page knows of telling its reader about new orders. */
import { signal } from "@preact/signals";
import type { Page, PageState } from "../page.ts";
import { pushTexts } from "./texts.ts";
import { Toasts } from "./toasts.ts";

export interface PushPageState extends PageState {
  /** The server's public key in base64url; null: it has no Web Push. */
  readonly pushKey: string | null;
}

/**
 * Whether the reader is notified by the system.
 *
 *     checking ──▶ off ◀──▶ working ◀──▶ on
 *        └──────▶ unsupported, denied, forbidden, unavailable       working ──▶ failed
 */
export type Consent =
  /** Until the browser has been asked. */
  | "checking"
  /** The browser cannot. */
  | "unsupported"
  /** The server cannot. */
  | "unavailable"
  | "denied"
  /** The reader is not of the staff. */
  | "forbidden"
  | "off"
  | "working"
  | "failed"
  | "on";

export class Push {
  readonly page: Page;
  readonly key: string | null;
  readonly texts;
  readonly toasts = new Toasts();
  readonly consent = signal<Consent>("checking");
  /** Set once there is somebody to ask. */
  onToggle: () => void = () => {};

  constructor(page: Page, { pushKey }: Pick<PushPageState, "pushKey">) {
    this.page = page;
    this.key = pushKey;
    this.texts = pushTexts[page.language];
  }
}
