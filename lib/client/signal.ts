import type { Watchable } from "./api.ts";

/** Calls a listener of the application: what it throws is reported and stops nothing. */
export function call<Value>(listener: ((value: Value) => void) | undefined, value: Value): void {
  try {
    listener?.(value);
  } catch (error) {
    // As an uncaught one, which every platform reports.
    queueMicrotask(() => {
      throw error;
    });
  }
}

export class Signal<Value> implements Watchable<Value> {
  readonly #listeners = new Set<(value: Value) => void>();
  #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  set(value: Value): void {
    this.#value = value;
    for (const listener of [...this.#listeners]) {
      // One of them may have set another value, which all have been told by now.
      if (this.#value === value && this.#listeners.has(listener)) call(listener, value);
    }
  }

  subscribe(listener: (value: Value) => void): () => void {
    // The same function may be given twice.
    const own = (value: Value) => listener(value);
    this.#listeners.add(own);
    call(own, this.#value);
    return () => this.#listeners.delete(own);
  }
}
