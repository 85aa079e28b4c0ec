/** What tabs without a SharedWorker tell each other, over one BroadcastChannel for all that share. */
import { isObject, type ToHost, type ToTab } from "./protocol.ts";

export type BusMessage =
  /** Who leads? */
  | { readonly kind: "seek" }
  | { readonly kind: "leads"; readonly host: string }
  /** `host` undefined: whoever leads. */
  | {
    readonly kind: "to_host";
    readonly host: string | undefined;
    readonly tab: string;
    readonly message: ToHost;
  }
  | {
    readonly kind: "to_tabs";
    readonly host: string;
    readonly tabs: readonly string[];
    readonly message: ToTab;
  };

/** Its `message` is decoded by whom it is for. @returns undefined where it is none of them. */
export function decodeBus(value: unknown): BusMessage | undefined {
  if (!isObject(value)) return undefined;
  const { kind, host, tab, tabs } = value;
  const isKnown = kind === "seek" ||
    (kind === "leads" && typeof host === "string") ||
    (kind === "to_host" && typeof (host ?? "") === "string" && typeof tab === "string") ||
    (kind === "to_tabs" && typeof host === "string" && Array.isArray(tabs));
  return isKnown ? value as BusMessage : undefined;
}

/** The sending side of the host: one message to several tabs is sent once. */
export class Fan {
  readonly #send: (tabs: readonly string[], message: ToTab) => void;
  #tabs: string[] = [];
  #message: ToTab | undefined;

  constructor(send: (tabs: readonly string[], message: ToTab) => void) {
    this.#send = send;
  }

  post(tab: string, message: ToTab): void {
    if (this.#message !== message) {
      this.flush();
      queueMicrotask(() => this.flush());
    }
    this.#message = message;
    this.#tabs.push(tab);
  }

  flush(): void {
    if (this.#message === undefined) return;
    const [tabs, message] = [this.#tabs, this.#message];
    this.#tabs = [];
    this.#message = undefined;
    this.#send(tabs, message);
  }
}
