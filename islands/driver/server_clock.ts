/** What the server's clock shows, as far as its answers tell: a phone's own may be minutes off. */

/** Less than this is left as it is: a position keeps its time when it is sent once more. */
const toleratedMs = 2_000;

export class ServerClock {
  #aheadMs = 0;

  /** How much later it is by the server's clock than by this device's, in milliseconds. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** The server's clock showed `serverTime` between `sentAt` and `receivedAt` of this device's. */
  learn(serverTime: number, sentAt: number, receivedAt: number): void {
    const ahead = Math.round(serverTime - (sentAt + receivedAt) / 2);
    // Anything within the way there and back may be true.
    const tolerated = Math.max(toleratedMs, (receivedAt - sentAt) / 2);
    if (Math.abs(ahead - this.#aheadMs) > tolerated) this.#aheadMs = ahead;
  }
}
