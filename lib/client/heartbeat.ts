/**
 * How often the server is to give a sign of life. A network that forgets idle connections (seen when
 * one fell silent) needs it more often; where they live long, less often spares the battery.
 */
const bounds = { least: 10, most: 55, first: 25 };
/** A connection that was quiet for so many heartbeats and lives shows that there may be fewer. */
const provenBeats = 20;

export class Heartbeat {
  #seconds = bounds.first;

  get seconds(): number {
    return this.#seconds;
  }

  /** A connection has ended. @param silent because nothing was heard of it */
  ended(livedMs: number, silent: boolean): void {
    if (silent) this.#seconds = Math.max(bounds.least, Math.floor(this.#seconds * 0.6));
    else if (livedMs > provenBeats * this.#seconds * 1_000) {
      this.#seconds = Math.min(bounds.most, this.#seconds + 10);
    }
  }
}
