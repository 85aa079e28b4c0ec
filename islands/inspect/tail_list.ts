/** The latest of what a channel's tail has brought; it stands still while it is paused. */
import { signal } from "@preact/signals";

export interface TailEntry {
  /** Counted from the tail's beginning. */
  readonly id: number;
  /** Unix milliseconds by this machine's clock. */
  readonly at: number;
  readonly kind: "publication" | "removal" | "join" | "leave" | "gap";
  readonly offset: number | null;
  readonly key: string | null;
  /** JSON text, cut where it is long; of who came or went, the user. */
  readonly text: string;
  readonly tags: string;
}

export type TailState = "off" | "opening" | "live" | "waiting";

const kept = 200;
const shownLength = 2_000;

export class TailList {
  readonly state = signal<TailState>("off");
  readonly entries = signal<readonly TailEntry[]>([]);
  readonly isPaused = signal(false);
  /** What came since it was paused. */
  readonly missed = signal(0);
  #latest: readonly TailEntry[] = [];
  #next = 1;

  clear(): void {
    this.#latest = [];
    this.entries.value = [];
    this.missed.value = 0;
    this.isPaused.value = false;
  }

  /** @param came the oldest first. */
  add(came: readonly Omit<TailEntry, "id">[]): void {
    if (came.length === 0) return;
    const numbered = came.slice(-kept).map((entry) => ({ id: this.#next++, ...entry })).reverse();
    this.#latest = [...numbered, ...this.#latest].slice(0, kept);
    if (this.isPaused.value) this.missed.value += came.length;
    else this.entries.value = this.#latest;
  }

  /** Goes on with the latest; or stands still. */
  pause(isPaused: boolean): void {
    this.isPaused.value = isPaused;
    this.missed.value = 0;
    if (!isPaused) this.entries.value = this.#latest;
  }
}

const nothing = { offset: null, key: null, text: "", tags: "" };

/** What an event of the stream shows; null: nothing. @param data the event's JSON text. */
export function entryOf(type: string, data: string, at: number): Omit<TailEntry, "id"> | null {
  if (type === "join" || type === "leave") {
    const { info }: { readonly info: { readonly user: string } } = JSON.parse(data);
    return { ...nothing, at, kind: type, text: info.user };
  }
  if (type !== "message") return null;
  const { pub }: { readonly pub: Publication } = JSON.parse(data);
  const { offset = null, key = null, removed = false, tags = {} } = pub;
  return {
    at,
    kind: removed ? "removal" : "publication",
    offset,
    key,
    text: removed ? "" : cut(JSON.stringify(pub.data)),
    tags: Object.entries(tags).map(([name, value]) => `${name}=${value}`).join(" "),
  };
}

/** Something may have been missed here. */
export function gapAt(at: number): Omit<TailEntry, "id"> {
  return { ...nothing, at, kind: "gap" };
}

interface Publication {
  readonly data?: unknown;
  readonly offset?: number;
  readonly key?: string;
  readonly removed?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

function cut(text = "null"): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
