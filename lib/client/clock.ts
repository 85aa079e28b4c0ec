/**
 * Estimates the server's clock, to tell how long a publication has been on its way. Every time the
 * server tells bounds the difference of the two clocks: it was told after we asked and before we
 * heard it. What all of them leave open is halved.
 */
export class ServerClock {
  /** Bounds of the server's clock minus ours, in milliseconds. */
  #low = -Infinity;
  #high = Infinity;
  #boundedAt = 0;

  /**
   * The server's clock showed `serverTime` after `sentAt` and before `receivedAt` by ours.
   * @param sentAt null: nobody asked
   */
  sample(sentAt: number | null, receivedAt: number, serverTime: number): void {
    // Clocks drift: what was learned long ago bounds less.
    const drift = Math.abs(receivedAt - this.#boundedAt) / driftOfMs;
    // All times are cut to whole milliseconds.
    const low = serverTime - receivedAt - 1;
    const high = sentAt === null ? Infinity : serverTime - sentAt + 1;
    this.#low = Math.max(this.#low - drift, low);
    this.#high = Math.min(this.#high + drift, high);
    this.#boundedAt = receivedAt;
    if (this.#low <= this.#high) return;
    // One of the clocks was set.
    this.#low = low;
    this.#high = high;
  }

  /** What the server's clock shows at the local time `now`; undefined as long as nobody knows. */
  at(now: number): number | undefined {
    const middle = (this.#low + this.#high) / 2;
    return Number.isFinite(middle) ? now + middle : undefined;
  }
}

/** Within so long two clocks may drift apart by a millisecond. */
const driftOfMs = 20_000;
