/**
 * Shares the event loop between what every subscriber gets and what single readers catch up on:
 * those are given so much in one turn of the loop, in the order they came, and then everything else
 * has its turn. Many newcomers at once so delay nobody else's publications.
 */
import { setImmediate } from "node:timers";

/** UTF-16 units handed out in one turn; the part that reaches it is the turn's last. */
const perTurn = 256 * 1024;

export class Turns {
  readonly #later: (run: () => void) => void;
  #waiting: { readonly length: number; go(): void }[] = [];
  #left = perTurn;
  #state: "idle" | "scheduled" = "idle";

  /** @param later runs a function on the next turn of the loop. */
  constructor(later: (run: () => void) => void = setImmediate) {
    this.#later = later;
  }

  /** Resolves when it is one's turn to hand out so much, of which a part may be any length. */
  take(length: number): Promise<void> {
    if (this.#state === "idle") this.#schedule();
    if (this.#left > 0 && this.#waiting.length === 0) {
      this.#left -= length;
      return Promise.resolve();
    }
    return new Promise((go) => this.#waiting.push({ length, go }));
  }

  #schedule(): void {
    this.#state = "scheduled";
    this.#later(() => this.#turn());
  }

  #turn(): void {
    this.#state = "idle";
    this.#left = perTurn;
    if (this.#waiting.length === 0) return;
    let next = 0;
    for (; next < this.#waiting.length && this.#left > 0; next++) {
      const one = this.#waiting[next];
      this.#left -= one?.length ?? 0;
      one?.go();
    }
    this.#waiting = this.#waiting.slice(next);
    this.#schedule();
  }
}
