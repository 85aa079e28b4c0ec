/** Which transport worked last, kept for the next visit of the page. */
import type { ConnectOptions, TransportName } from "./api.ts";

/** Behind another network another one may work. */
const keptMs = 24 * 3_600_000;

export class Memory {
  readonly #storage: Exclude<ConnectOptions["memory"], undefined>;
  readonly #key: string;

  constructor(storage: ConnectOptions["memory"], url: URL) {
    this.#key = `nhip ${url.origin}`;
    this.#storage = storage === undefined ? browserStorage() : storage;
  }

  recall(): string | undefined {
    try {
      const [name, at] = (this.#storage?.getItem(this.#key) ?? "").split(" ");
      return Date.now() - Number(at) < keptMs ? name : undefined;
    } catch {
      return undefined; // Storage is denied.
    }
  }

  note(transport: TransportName): void {
    try {
      this.#storage?.setItem(this.#key, `${transport} ${Date.now()}`);
    } catch {
      // Without it the next visit takes a moment longer.
    }
  }
}

export function browserStorage(): Storage | null {
  try {
    // Deno's and Node's would be a file.
    return "document" in globalThis ? localStorage : null;
  } catch {
    return null;
  }
}
