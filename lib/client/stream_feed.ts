import type { StreamPosition } from "../protocol/publication.ts";
import type { Publication } from "./api.ts";
import { Feed } from "./feed.ts";
import { type Opening, positionOf, type Start, type WirePublication } from "./link.ts";

/** A stream: its position makes every publication come once, and in order, over any transport. */
export class StreamFeed extends Feed<Publication<unknown>> {
  readonly keyed = false;
  #position: StreamPosition | undefined;

  constructor(channel: string, since?: StreamPosition) {
    super(channel);
    this.#position = since;
  }

  get position(): StreamPosition | undefined {
    return this.#position;
  }

  override opening(): Opening {
    const { channel, position } = this;
    return {
      command: () => ({ channel, ...(position && { recover: true, ...position }) }),
      reply: (reply) => ({
        position: positionOf(reply),
        recovered: reply.was_recovering && reply.recovered === true,
        publications: reply.publications,
      }),
      begin: (start) => ({ position: positionOf(start), recovered: start.recovered }),
    };
  }

  protected override begin(start: Start, sole: boolean): boolean {
    const { publications = [] } = start;
    return this.#goOn(start, sole) && publications.every((one) => this.take(one, undefined));
  }

  #goOn({ position, recovered }: Start, sole: boolean): boolean {
    const known = this.#position;
    if (position === null || (recovered && known !== undefined)) return true;
    const fits = recovered === undefined && position.epoch === known?.epoch &&
      position.offset <= known.offset;
    if (known !== undefined && (fits || !sole)) return fits;
    this.#position = position;
    if (known !== undefined) this.tellGap();
    return true;
  }

  override take(publication: WirePublication, latencyMs: number | undefined): boolean {
    const { data, offset, epoch, time, info, tags } = publication;
    if (offset !== undefined) {
      const known = this.#position;
      // It has not started yet: what comes is of an earlier subscription.
      if (known === undefined) return true;
      if (epoch !== undefined && epoch !== known.epoch) return false;
      if (offset <= known.offset) return true;
      if (offset > known.offset + 1) return false;
      this.#position = { epoch: known.epoch, offset };
    }
    this.tell({ channel: this.channel, data, offset, time, info, tags, latencyMs });
    return true;
  }
}
