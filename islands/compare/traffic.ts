/** What one way has sent and received, and when. */
export interface Packet {
  /** Milliseconds, by a clock of the one who counts. */
  readonly at: number;
  readonly bytes: number;
}

export interface Totals {
  /** Requests of HTTP, handshakes of WebSockets among them. */
  readonly requests: number;
  /** Bytes from the browser, and to it. */
  readonly up: number;
  readonly down: number;
}

/** Grows as long as the measurement lasts, which is limited (`runLimits`). */
export class Traffic {
  #requests = 0;
  #up = 0;
  #down = 0;
  readonly #packets: Packet[] = [];

  requested(at: number, bytes: number): void {
    this.#requests++;
    this.sent(at, bytes);
  }

  sent(at: number, bytes: number): void {
    this.#up += bytes;
    this.#packets.push({ at, bytes });
  }

  /** What was sent had so many bytes more than was known at first. */
  sentMore(bytes: number): void {
    this.#up += bytes;
  }

  received(at: number, bytes: number): void {
    this.#down += bytes;
    this.#packets.push({ at, bytes });
  }

  /** What was received turned out to have been so many bytes more, or fewer. */
  corrected(bytes: number): void {
    this.#down += bytes;
  }

  get totals(): Totals {
    return { requests: this.#requests, up: this.#up, down: this.#down };
  }

  /** When something was sent or received, in order, from `from` on. */
  times(from: number): number[] {
    return this.#packets.map(({ at }) => at - from).sort((a, b) => a - b);
  }
}
