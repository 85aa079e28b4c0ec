/**
 * Shares the event loop between what every subscriber gets and what single readers catch up on:
 * those are given so much in one turn, in the order they came, and then everything else has its
 * turn. Many newcomers at once so delay nobody else's publications.
 */

/** UTF-16 units handed out in one turn, on average: what one turn gives too much, the next lacks. */
const perTurn = 576 * 1024;

interface Waiting {
  /** Hands out, and returns how much. */
  readonly give: () => number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export class Turns {
  readonly #later: (run: () => void) => void;
  #waiting: Waiting[] = [];
  #left = perTurn;
  #state: "idle" | "scheduled" = "idle";

  /** @param later runs a function when everything else has had its turn. */
  constructor(later: (run: () => void) => void = rest) {
    this.#later = later;
  }

  /**
   * Calls `give` when it is one's turn to hand something out, and resolves then.
   * @param give returns the UTF-16 units it handed out; what it throws, this rejects with.
   */
  take(give: () => number): Promise<void> {
    return new Promise((resolve, reject) => {
      const one = { give, resolve, reject };
      if (this.#left > 0 && this.#waiting.length === 0) this.#serve(one);
      else this.#waiting.push(one);
      if (this.#left <= 0 && this.#state === "idle") this.#schedule();
    });
  }

  #serve({ give, resolve, reject }: Waiting): void {
    try {
      this.#left -= give();
      resolve();
    } catch (error) {
      reject(error);
    }
  }

  #schedule(): void {
    this.#state = "scheduled";
    this.#later(() => this.#turn());
  }

  #turn(): void {
    this.#state = "idle";
    this.#left = Math.min(perTurn, this.#left + perTurn);
    const waiting = this.#waiting;
    let next = 0;
    for (; this.#left > 0; next++) {
      const one = waiting[next];
      if (one === undefined) break;
      this.#serve(one);
    }
    this.#waiting = waiting.slice(next);
    if (this.#left <= 0) this.#schedule();
  }
}

/**
 * Two milliseconds on Deno, in which it looks at its sockets. Kept busy by one immediate after the
 * other it looks at them every thirty turns only: what is published then waits.
 */
function rest(run: () => void): void {
  setTimeout(run, 0);
}
