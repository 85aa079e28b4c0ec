/**
 * A clock that stands still until a test moves it. While it is installed every timer and every
 * reading of the time in this process goes by it; `setImmediate` of node:timers does not.
 */
interface Timer {
  readonly id: number;
  at: number;
  readonly everyMs: number | null;
  readonly run: () => void;
}

export class VirtualTime implements Disposable {
  #now: number;
  #lastId = 0;
  readonly #timers = new Map<number, Timer>();
  readonly #real: (() => void)[] = [];

  constructor(now: number) {
    this.#now = now;
    const began = now;
    this.#replace(globalThis, "setTimeout", (run: () => void, ms = 0) => this.#add(run, ms, null));
    this.#replace(globalThis, "setInterval", (run: () => void, ms = 0) => this.#add(run, ms, ms));
    const clear = (id: number | undefined) => void (id !== undefined && this.#timers.delete(id));
    this.#replace(globalThis, "clearTimeout", clear);
    this.#replace(globalThis, "clearInterval", clear);
    this.#replace(Date, "now", () => Math.floor(this.#now));
    this.#replace(performance, "now", () => this.#now - began);
  }

  get now(): number {
    return this.#now;
  }

  /**
   * Moves on to the next timer that is due within `ms` and runs it; without one, moves by `ms`. A turn
   * of the loop belongs between two of them, as there is between real ones.
   */
  step(ms: number): boolean {
    const timer = this.#next();
    if (timer === undefined || timer.at > this.#now + ms) {
      this.#now += ms;
      return false;
    }
    this.#now = Math.max(this.#now, timer.at);
    if (timer.everyMs === null) this.#timers.delete(timer.id);
    else timer.at += Math.max(1, timer.everyMs);
    timer.run();
    return true;
  }

  [Symbol.dispose](): void {
    this.#timers.clear();
    for (const restore of this.#real.splice(0)) restore();
  }

  #add(run: () => void, ms: number, everyMs: number | null): number {
    const id = ++this.#lastId;
    this.#timers.set(id, { id, at: this.#now + Math.max(0, ms), everyMs, run });
    return id;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (next === undefined || timer.at < next.at) next = timer;
    }
    return next;
  }

  #replace(target: object, name: string, value: unknown): void {
    const own = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    this.#real.push(() => {
      if (own === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, own);
    });
  }
}
