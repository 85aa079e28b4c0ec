import type { Clock } from "./clock.ts";

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/** Stands still until it is moved. */
export class StillClock implements Clock {
  #now = 0;
  readonly #alarms = new Set<Alarm>();

  /** When each of those is due that wait. */
  get due(): number[] {
    return [...this.#alarms].map(({ at }) => at).sort((a, b) => a - b);
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const alarm = { at: this.#now + ms, run };
    this.#alarms.add(alarm);
    return () => void this.#alarms.delete(alarm);
  }

  /** Runs what becomes due, in order. */
  move(ms: number): void {
    const end = this.#now + ms;
    for (let at = this.due[0]; at !== undefined && at <= end; at = this.due[0]) {
      this.#now = at;
      for (const alarm of [...this.#alarms]) {
        if (alarm.at === at && this.#alarms.delete(alarm)) alarm.run();
      }
    }
    this.#now = end;
  }
}
