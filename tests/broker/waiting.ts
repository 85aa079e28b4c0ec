/** The promise's value; rejects, with what was waited for, when that takes too long. */
export async function within<Value>(
  what: string,
  promise: Promise<Value>,
  ms = 10_000,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

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
      await within(what, happened).catch((error) => {
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
