import { within } from "../support/clients/eventually.ts";

/** Things that happened, and a way to wait until they are as wanted. */
export class Happenings<Item> {
  readonly all: Item[] = [];
  #waiting: { met: () => boolean; wake: () => void }[] = [];

  add(...items: readonly Item[]): void {
    this.all.push(...items);
    this.#waiting = this.#waiting.filter(({ met, wake }) => {
      if (!met()) return true;
      wake();
      return false;
    });
  }

  /** All of them, once `met`. */
  async until(what: string, met: (all: readonly Item[]) => boolean): Promise<readonly Item[]> {
    if (!met(this.all)) {
      const happened = new Promise<void>((wake) =>
        this.#waiting.push({ met: () => met(this.all), wake })
      );
      await within(happened, what, 10_000).catch((error) => {
        throw new Error(`${error.message}; so far: ${JSON.stringify(this.all).slice(0, 2_000)}`);
      });
    }
    return this.all;
  }

  /** All of them, once there are at least `n`. */
  count(n: number): Promise<readonly Item[]> {
    return this.until(`${n} of them`, (all) => all.length >= n);
  }
}

/** The next macrotask: everything that needed only microtasks has happened. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
