/// <reference lib="dom" />
/**
 * What this user has written in a room and the server does not have yet: kept in the browser's
 * storage, so that it outlives the page. Tabs of one browser share it.
 */
import { type Signal, signal } from "@preact/signals";

export interface Outgoing {
  /** By which the server stores it once. */
  readonly id: string;
  readonly text: string;
  /** When it was written, by this device's clock. */
  readonly at: number;
  /** The HTTP status with which the server refused it for good; null: it waits. */
  readonly failure: number | null;
}

export interface OutboxOptions {
  /** null: the browser keeps nothing. */
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  readonly room: string;
  readonly user: string;
  readonly now?: () => number;
  readonly newId?: () => string;
}

/** Messages that may wait. */
export const mostOutgoing = 100;
/** What has waited for longer is not sent any more: nobody remembers it. */
const keptMs = 7 * 24 * 3_600_000;
const maxLength = 2_000;

export class Outbox {
  /** In the order in which they were written. */
  readonly items: Signal<readonly Outgoing[]>;
  /** Whether what waits outlives the page. */
  readonly isKept = signal(true);
  /** Its name in the storage. */
  readonly key: string;
  readonly #storage: OutboxOptions["storage"];
  readonly #now: () => number;
  readonly #newId: () => string;

  constructor({ storage, room, user, now = Date.now, newId = newOutgoingId }: OutboxOptions) {
    this.#storage = storage;
    this.#now = now;
    this.#newId = newId;
    this.key = `nhip-chat ${room} ${user}`;
    this.items = signal(this.#stored() ?? []);
  }

  /** The next one to be sent. */
  get first(): Outgoing | undefined {
    return this.items.value.find(({ failure }) => failure === null);
  }

  has(id: string): boolean {
    return this.items.value.some((one) => one.id === id);
  }

  /** Whether there was room for it. */
  add(text: string): boolean {
    const waiting = this.#current();
    if (waiting.length >= mostOutgoing) return false;
    this.#keep([...waiting, { id: this.#newId(), text, at: this.#now(), failure: null }]);
    return true;
  }

  /** It was stored, or is not wanted any more. */
  remove(id: string): void {
    if (this.has(id)) this.#keep(this.#current().filter((one) => one.id !== id));
  }

  refused(id: string, failure: number): void {
    this.#keep(this.#current().map((one) => one.id === id ? { ...one, failure } : one));
  }

  /** Under another id, for the server may know the one it had by another text; and as the last. */
  retry(id: string): void {
    const waiting = this.#current();
    const again = waiting.find((one) => one.id === id);
    if (again === undefined) return;
    const others = waiting.filter((one) => one !== again);
    this.#keep([...others, { ...again, id: this.#newId(), at: this.#now(), failure: null }]);
  }

  /** Another tab has changed it. */
  reload(): void {
    this.items.value = this.#current();
  }

  /** What another tab has added or sent counts, as long as there is a place where tabs can meet. */
  #current(): readonly Outgoing[] {
    return (this.isKept.value ? this.#stored() : null) ?? this.items.value;
  }

  #keep(items: readonly Outgoing[]): void {
    this.items.value = items;
    this.isKept.value = this.#store(items);
  }

  /** A full storage, or one that is denied, throws. */
  #store(items: readonly Outgoing[]): boolean {
    if (this.#storage === null) return false;
    try {
      if (items.length === 0) this.#storage.removeItem(this.key);
      else this.#storage.setItem(this.key, JSON.stringify(items));
      return true;
    } catch {
      return false;
    }
  }

  /** null: it cannot be read. */
  #stored(): readonly Outgoing[] | null {
    if (this.#storage === null) return null;
    try {
      const text = this.#storage.getItem(this.key);
      const items: unknown = text === null ? [] : JSON.parse(text);
      if (!Array.isArray(items)) return [];
      const since = this.#now() - keptMs;
      return items.filter(isOutgoing).filter(({ at }) => at > since).slice(0, mostOutgoing);
    } catch (error) {
      return error instanceof SyntaxError ? [] : null;
    }
  }
}

function newOutgoingId(): string {
  return `c-${[...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("")}`;
}

/** Anything may have been written there. */
function isOutgoing(value: unknown): value is Outgoing {
  if (typeof value !== "object" || value === null) return false;
  const { id, text, at, failure } = value as { readonly [Name in keyof Outgoing]?: unknown };
  return typeof id === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id) &&
    typeof text === "string" && text.length <= maxLength && text !== "" &&
    typeof at === "number" && (failure === null || typeof failure === "number");
}
