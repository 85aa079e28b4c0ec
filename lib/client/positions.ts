/** How far each stream has been delivered: what makes it once, and in order, on any transport. */
import type { StreamPosition } from "../protocol/publication.ts";
import type { Start, WirePublication } from "./link.ts";

export class Positions {
  readonly #reached: Map<string, StreamPosition>;

  constructor(since: Iterable<readonly [string, StreamPosition]>) {
    this.#reached = new Map(since);
  }

  get(channel: string): StreamPosition | undefined {
    return this.#reached.get(channel);
  }

  /** Takes the server's word for where the channel goes on; whether something was missed for good. */
  start(channel: string, { position, recovered }: Start): boolean {
    if (position !== null) this.#reached.set(channel, position);
    return recovered === false;
  }

  /**
   * Whether this publication is the next one to be delivered. "hole": one before it is missing,
   * which the server promises not to happen; the channel has to be recovered.
   */
  take(channel: string, { offset, epoch }: WirePublication): "next" | "old" | "hole" {
    if (offset === undefined) return "next";
    const reached = this.#reached.get(channel);
    if (reached === undefined) return "hole";
    if (epoch !== undefined && epoch !== reached.epoch) return "hole";
    if (offset <= reached.offset) return "old";
    if (offset > reached.offset + 1) return "hole";
    this.#reached.set(channel, { epoch: reached.epoch, offset });
    return "next";
  }
}
