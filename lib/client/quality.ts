/** How well it goes, for people to see. */
import type { Latency, Quality, TransportName, Watchable } from "./api.ts";
import { Signal } from "./signal.ts";

const everyMs = 250;
/** What a new latency counts in the mean. */
const weight = 0.05;

export class QualityMeter implements Watchable<Quality> {
  readonly #isWanted: (channel: string) => boolean;
  readonly #latency: Record<string, Latency> = {};
  readonly #signal = new Signal<Quality>({
    transport: undefined,
    reconnects: 0,
    moves: 0,
    bytesIn: 0,
    bytesOut: 0,
    latency: {},
  });
  #now: Quality = this.#signal.value;
  #value = this.#now;
  #hasChanged = false;
  #used: TransportName | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param isWanted of what is left, nothing is kept. */
  constructor(isWanted: (channel: string) => boolean) {
    this.#isWanted = isWanted;
  }

  /** The same object until something has changed. */
  get value(): Quality {
    if (!this.#hasChanged) return this.#value;
    this.#hasChanged = false;
    for (const channel of Object.keys(this.#latency)) {
      if (!this.#isWanted(channel)) delete this.#latency[channel];
    }
    return this.#value = { ...this.#now, latency: { ...this.#latency } };
  }

  subscribe(listener: (value: Quality) => void): () => void {
    return this.#signal.subscribe(listener);
  }

  counted(received: number, sent: number): void {
    this.#now = {
      ...this.#now,
      bytesIn: this.#now.bytesIn + received,
      bytesOut: this.#now.bytesOut + sent,
    };
    this.#tell();
  }

  received(channel: string, last: number): void {
    const { mean = last } = this.#latency[channel] ?? {};
    this.#latency[channel] = { last, mean: mean + (last - mean) * weight };
    this.#tell();
  }

  /** @param transport undefined: there is no connection. */
  connected(transport: TransportName | undefined): void {
    let { reconnects, moves } = this.#now;
    if (transport !== undefined && this.#used !== undefined) {
      if (this.#now.transport === undefined) reconnects++;
      if (this.#used !== transport) moves++;
    }
    this.#used = transport ?? this.#used;
    this.#now = { ...this.#now, transport, reconnects, moves };
    this.#tell();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#hasChanged = true;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#signal.set(this.value);
    }, everyMs);
  }
}
