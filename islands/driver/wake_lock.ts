/// <reference lib="dom" />
/** Keeps the screen from going dark, for then the browser would stop sharing. */
import { type Signal, signal } from "@preact/signals";

/** `impossible`: the browser cannot, or the device does not let it (such as to save power). */
export type Awake = "off" | "on" | "impossible";

export interface WakeLockOptions {
  /** undefined: the browser has none. */
  readonly wakeLock: Pick<WakeLock, "request"> | undefined;
  readonly document: Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener">;
}

export class ScreenLock {
  readonly awake: Signal<Awake> = signal("off");
  readonly #options: WakeLockOptions;
  #isWanted = false;
  #isAsking = false;
  #sentinel: WakeLockSentinel | null = null;
  /** The browser takes it away whenever the page is hidden. */
  readonly #onVisible = () => {
    if (this.#options.document.visibilityState === "visible") this.#take();
  };

  constructor(options: WakeLockOptions) {
    this.#options = options;
  }

  hold(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#options.document.addEventListener("visibilitychange", this.#onVisible);
    this.#take();
  }

  release(): void {
    this.#isWanted = false;
    this.#options.document.removeEventListener("visibilitychange", this.#onVisible);
    this.#letGo();
    this.awake.value = "off";
  }

  /** Never rejects. */
  async #take(): Promise<void> {
    if (this.#isAsking || this.#sentinel?.released === false) return;
    const { wakeLock } = this.#options;
    if (wakeLock === undefined) {
      this.awake.value = "impossible";
      return;
    }
    this.#isAsking = true;
    try {
      const sentinel = await wakeLock.request("screen");
      this.#sentinel = sentinel;
      sentinel.addEventListener("release", () => {
        if (this.#sentinel === sentinel && this.#isWanted) this.awake.value = "impossible";
      });
      if (this.#isWanted) this.awake.value = "on";
      else this.#letGo();
    } catch {
      if (this.#isWanted) this.awake.value = "impossible";
    } finally {
      this.#isAsking = false;
    }
  }

  #letGo(): void {
    this.#sentinel?.release().catch(() => {});
    this.#sentinel = null;
  }
}
