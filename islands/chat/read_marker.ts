/** Tells the server how far this user has read: forward only, and not more than once a second. */
import { afterTimeout } from "./sender.ts";

export interface ReadMarkerOptions {
  /** Never rejects; whether the server has it. */
  readonly put: (upTo: string) => Promise<boolean>;
  /** Returns what cancels it. */
  readonly after?: (ms: number, job: () => void) => () => void;
}

const everyMs = 1_000;

export class ReadMarker {
  readonly #options: ReadMarkerOptions;
  /** How far the server knows. */
  #told: string;
  #wanted: string;
  #state: "idle" | "telling" | "resting" | "closed" = "idle";
  #cancel = () => {};

  constructor(told: string, options: ReadMarkerOptions) {
    this.#told = told;
    this.#wanted = told;
    this.#options = options;
  }

  /** Everything up to this message was before the reader's eyes. */
  read(upTo: string): void {
    if (upTo > this.#wanted) this.#wanted = upTo;
    this.wake();
  }

  /** There is a connection again. */
  wake(): void {
    if (this.#state === "idle" && this.#wanted > this.#told) this.#tell();
  }

  close(): void {
    this.#state = "closed";
    this.#cancel();
  }

  /** Never rejects. What fails is tried again with the next message, or the next connection. */
  async #tell(): Promise<void> {
    this.#state = "telling";
    const upTo = this.#wanted;
    const isTold = await this.#options.put(upTo);
    if (this.#isClosed()) return;
    if (isTold) this.#told = upTo;
    this.#state = "resting";
    this.#cancel = (this.#options.after ?? afterTimeout)(everyMs, () => {
      this.#state = "idle";
      if (isTold) this.wake();
    });
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }
}
