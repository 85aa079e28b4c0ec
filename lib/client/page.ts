/** What a browser tells of its network and of the page; elsewhere nothing ever happens. */
import type { Event as ClientEvent } from "./state.ts";

/** What is used of a browser's globals. */
interface Browser {
  readonly document?: EventTarget & { readonly visibilityState: string };
  readonly navigator?: {
    readonly onLine?: boolean;
    readonly connection?: { readonly saveData?: boolean };
  };
}

const browser = globalThis as Browser;

/** @returns what ends it. */
export function watchPage(
  tell: (event: Extract<ClientEvent, { kind: "network" | "wake" }>) => void,
): () => void {
  const network = (on: boolean) => tell({ kind: "network", on });
  const wake = () => tell({ kind: "wake" });
  const { document } = browser;
  const ends = new AbortController();
  const on = (target: EventTarget | undefined, type: string, act: (event: Event) => void) =>
    target?.addEventListener?.(type, act, { signal: ends.signal });
  on(globalThis, "online", () => network(true));
  on(globalThis, "offline", () => network(false));
  // A page that is kept in the browser's cache for the way back cannot have connections.
  on(globalThis, "pagehide", (event) => isKept(event) && network(false));
  on(globalThis, "pageshow", (event) => isKept(event) && network(true));
  on(document, "visibilitychange", () => document?.visibilityState === "visible" && wake());
  return () => ends.abort();
}

function isKept(event: Event): boolean {
  return "persisted" in event && event.persisted === true;
}

export function isOffline(): boolean {
  return browser.navigator?.onLine === false;
}

/** Whether the reader has asked for little data to be used. */
export function savesData(): boolean {
  return browser.navigator?.connection?.saveData === true;
}
