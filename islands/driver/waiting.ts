/// <reference lib="dom" />
/**
 * Positions that the server does not have yet, in the order of their times: kept in the browser's
 * storage, one row each, so that they outlive the page.
 */
import { type Signal, signal } from "@preact/signals";
import type { Fix } from "./fix.ts";
import { leastTelling, type Timed } from "./thin.ts";

export interface Report extends Timed {
  /** Metres per second; null: not known. */
  readonly speed: number | null;
}

export type RowStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

export interface WaitingOptions {
  /** null: the browser keeps nothing. */
  readonly storage: RowStorage | null;
  readonly vehicle: string;
  /** By this device's clock. */
  readonly now?: () => number;
}

/** Then those go that say least: at one a second it takes 25 minutes without a server. */
export const mostWaiting = 1_500;
/** What has waited for longer is sent no more. */
const keptMs = 12 * 3_600_000;

export class Waiting {
  readonly count: Signal<number>;
  /** Whether what waits outlives the page. */
  readonly isKept = signal(true);
  readonly #storage: RowStorage | null;
  readonly #prefix: string;
  #reports: Report[];

  constructor({ storage, vehicle, now = Date.now }: WaitingOptions) {
    this.#storage = storage;
    this.#prefix = `nhip-driver ${vehicle} `;
    this.#reports = this.#stored(now());
    this.count = signal(this.#reports.length);
  }

  /** The oldest ones. */
  first(most: number): readonly Report[] {
    return this.#reports.slice(0, most);
  }

  add({ lat, lon, speed, time }: Fix): void {
    const last = this.#reports.at(-1)?.time ?? 0;
    const report = {
      lat: round(lat, 6),
      lon: round(lon, 6),
      speed: speed === null ? null : round(speed, 2),
      // A clock may be set back; the order stays.
      time: Math.max(time, last + 1),
    };
    this.#reports.push(report);
    while (this.#reports.length > mostWaiting) {
      this.#forget(this.#reports.splice(leastTelling(this.#reports), 1));
    }
    this.isKept.value = this.#keep(report);
    this.count.value = this.#reports.length;
  }

  /** They are the server's, or never will be. */
  remove(reports: readonly Report[]): void {
    const gone = new Set(reports);
    this.#reports = this.#reports.filter((one) => !gone.has(one));
    this.#forget(reports);
    this.count.value = this.#reports.length;
  }

  /** A full storage, or one that is denied, throws. */
  #keep({ time, ...where }: Report): boolean {
    if (this.#storage === null) return false;
    try {
      this.#storage.setItem(this.#prefix + time, JSON.stringify(where));
      return true;
    } catch {
      return false;
    }
  }

  #forget(reports: readonly Report[]): void {
    try {
      for (const { time } of reports) this.#storage?.removeItem(this.#prefix + time);
    } catch {
      // It is sent once more when the page is opened again, which does no harm.
    }
  }

  #stored(now: number): Report[] {
    const found: Report[] = [];
    try {
      for (const key of this.#keys()) {
        const report = reportOf(key.slice(this.#prefix.length), this.#storage?.getItem(key) ?? "");
        if (report !== null && report.time > now - keptMs) found.push(report);
        else this.#storage?.removeItem(key);
      }
    } catch {
      // Nothing can be read: it begins anew.
    }
    found.sort((a, b) => a.time - b.time);
    this.#forget(found.splice(0, found.length - mostWaiting));
    return found;
  }

  #keys(): string[] {
    const storage = this.#storage;
    if (storage === null) return [];
    return Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "")
      .filter((key) => key.startsWith(this.#prefix));
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Anything may have been written there. */
function reportOf(time: string, text: string): Report | null {
  if (!/^\d{1,15}$/.test(time)) return null;
  try {
    const row: unknown = JSON.parse(text);
    if (typeof row !== "object" || row === null) return null;
    const { lat, lon, speed } = row as { readonly [Name in keyof Report]?: unknown };
    if (typeof lat !== "number" || !(Math.abs(lat) <= 90)) return null;
    if (typeof lon !== "number" || !(Math.abs(lon) <= 180)) return null;
    const isSpeed = typeof speed === "number" && speed >= 0 && speed <= 500;
    return { lat, lon, speed: isSpeed ? speed : null, time: Number(time) };
  } catch {
    return null;
  }
}
