/** What a listener is told, read by `for await`. */
import { refusal } from "./refusal.ts";

const maxUnread = 10_000;

export class Reader<Value> implements AsyncIterator<Value> {
  readonly #leave: () => void;
  /** Whether only the last value matters. */
  readonly #latest: boolean;
  #unread: Value[] = [];
  #news = Promise.withResolvers<void>();
  #end: { readonly error?: unknown } | undefined;

  /** @param leave ends the subscription. */
  constructor(latest: boolean, leave: () => void) {
    this.#latest = latest;
    this.#leave = leave;
  }

  push(value: Value): void {
    if (this.#end !== undefined) return;
    if (this.#latest) this.#unread = [];
    else if (this.#unread.length >= maxUnread) {
      return this.end({ error: refusal(0, `${maxUnread} publications are unread`) });
    }
    this.#unread.push(value);
    this.#wake();
  }

  /** What is unread can still be read, then the loop ends, or throws. */
  end(end: { readonly error?: unknown } = {}): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#leave();
    this.#wake();
  }

  /** All who wait: `next` may be called again before it has resolved. */
  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  async next(): Promise<IteratorResult<Value>> {
    while (this.#unread.length === 0) {
      if (this.#end !== undefined) {
        if ("error" in this.#end) throw this.#end.error;
        return { done: true, value: undefined };
      }
      await this.#news.promise;
    }
    return { done: false, value: this.#unread.shift() as Value };
  }

  return(): Promise<IteratorResult<Value>> {
    this.#unread = [];
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }
}
