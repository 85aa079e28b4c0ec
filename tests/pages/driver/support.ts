import type { Fix } from "../../../islands/driver/fix.ts";
import type { RowStorage } from "../../../islands/driver/waiting.ts";

/** About eleven metres. */
export const step = 0.0001;

export function fixAt(time: number, north = 0, rest: Partial<Fix> = {}): Fix {
  const lat = 10.77 + north * step;
  return { lat, lon: 106.7, accuracy: 5, speed: null, heading: null, time, ...rest };
}

/** As a browser's, and full or denied when asked to be. */
export class FakeStorage implements RowStorage {
  readonly rows = new Map<string, string>();
  fails = false;

  get length(): number {
    this.#check();
    return this.rows.size;
  }

  key(index: number): string | null {
    return [...this.rows.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    this.#check();
    return this.rows.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#check();
    this.rows.set(key, value);
  }

  removeItem(key: string): void {
    this.#check();
    this.rows.delete(key);
  }

  #check(): void {
    if (this.fails) throw new DOMException("denied", "QuotaExceededError");
  }
}
