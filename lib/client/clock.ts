/** Estimates the server's clock, to tell how long a publication has been on its way. */
export class ServerClock {
  #offsetMs: number | undefined;
  #roundTripMs = Infinity;
  #takenAt = 0;

  /** The server said it was `serverTime` between `sentAt` and `receivedAt`, by this machine. */
  sample(sentAt: number, receivedAt: number, serverTime: number): void {
    const roundTripMs = receivedAt - sentAt;
    // The shortest round trip is the best witness; but clocks drift, so it does not count for ever.
    const agedMs = (receivedAt - this.#takenAt) / driftOfMs;
    if (roundTripMs < 0 || roundTripMs > this.#roundTripMs + agedMs) return;
    this.#offsetMs = serverTime - (sentAt + receivedAt) / 2;
    this.#roundTripMs = roundTripMs;
    this.#takenAt = receivedAt;
  }

  /** What the server's clock shows at the local time `now`; undefined before a sample. */
  at(now: number): number | undefined {
    return this.#offsetMs === undefined ? undefined : now + this.#offsetMs;
  }
}

/** Within so long two clocks may drift apart by a millisecond. */
const driftOfMs = 20_000;
