import type { Quality, Watchable } from "../api.ts";
import type { QualityMeter } from "../quality.ts";

type Counts = Pick<Quality, "reconnects" | "moves" | "bytesIn" | "bytesOut">;

const none: Counts = { reconnects: 0, moves: 0, bytesIn: 0, bytesOut: 0 };

/** That of the shared connection, with the latency of the tab's own channels. */
export class SharedQuality implements Watchable<Quality> {
  readonly #own: QualityMeter;
  /** Of the hosts before this one. */
  #before = none;
  #host: Quality | undefined;

  /** @param own the tab's, which knows its latencies and says when to tell of changes. */
  constructor(own: QualityMeter) {
    this.#own = own;
  }

  get value(): Quality {
    const host = this.#host ?? { ...none, transport: undefined };
    const before = this.#before;
    return {
      transport: host.transport,
      reconnects: before.reconnects + host.reconnects,
      moves: before.moves + host.moves,
      bytesIn: before.bytesIn + host.bytesIn,
      bytesOut: before.bytesOut + host.bytesOut,
      latency: this.#own.value.latency,
    };
  }

  subscribe(listener: (value: Quality) => void): () => void {
    return this.#own.subscribe(() => listener(this.value));
  }

  /** Another host, and another connection. */
  joined(): void {
    if (this.#host === undefined) return;
    const { reconnects, ...counts } = this.value;
    this.#before = { ...counts, reconnects: reconnects + 1 };
    this.#host = undefined;
  }

  set(host: Quality): void {
    this.#host = host;
    this.#own.counted(0, 0);
  }
}
