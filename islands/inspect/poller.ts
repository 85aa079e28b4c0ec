/// <reference lib="dom" />
/**
 * Looks again and again, while the page is seen. Not pushed: what is shown is the state of the very
 * machinery that would push it, for one or two readers, and a look costs only while somebody looks.
 */
export class Poller {
  readonly #job: () => Promise<void>;
  readonly #everyMs: number;
  #state: "idle" | "looking" | "again" | "ended" = "idle";
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onVisible = () => this.now();

  /** @param job never rejects. */
  constructor(job: () => Promise<void>, everyMs: number) {
    this.#job = job;
    this.#everyMs = everyMs;
    document.addEventListener("visibilitychange", this.#onVisible);
    this.now();
  }

  /** Looks at once, or as soon as the look that is under way has ended. */
  now(): void {
    clearTimeout(this.#timer);
    if (document.visibilityState === "hidden" || this.#state === "ended") return;
    if (this.#state !== "idle") this.#state = "again";
    else this.#look();
  }

  end(): void {
    this.#state = "ended";
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#onVisible);
  }

  async #look(): Promise<void> {
    this.#state = "looking";
    await this.#job();
    if (this.#isEnded()) return;
    const isWanted = this.#isAgain();
    this.#state = "idle";
    if (isWanted) this.now();
    else this.#timer = setTimeout(() => this.now(), this.#everyMs);
  }

  #isEnded(): boolean {
    return this.#state === "ended";
  }

  #isAgain(): boolean {
    return this.#state === "again";
  }
}
