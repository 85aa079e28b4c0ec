import type { StreamPosition } from "../protocol/publication.ts";
import {
  type Opening,
  positionOf,
  type Start,
  type SubscribeReply,
  type WireError,
  type WirePublication,
  type WireStart,
} from "./link.ts";

/** Of subscribe commands for state channels (PROTOCOL.md 2.1). */
const mapType = 1;
const statePhase = 2;
const streamPhase = 1;
/** Error: the position cannot be recovered. */
const unrecoverable = 112;

/** How a state channel starts: from its position, or with the pages of a snapshot. */
export class StateOpening implements Opening {
  readonly #channel: string;
  readonly #isPlain: () => void;
  /** Whether a position was given that is not honoured. */
  #recovered: false | undefined;
  #from: StreamPosition | undefined;
  #cursor: string | undefined;
  #position: StreamPosition | null = null;
  #entries: WirePublication[] = [];

  /** @param isPlain is called where the server says that the channel has no keys. */
  constructor(channel: string, from: StreamPosition | undefined, isPlain: () => void) {
    this.#channel = channel;
    this.#isPlain = isPlain;
    this.#from = from;
    if (from !== undefined) this.#recovered = false;
  }

  command(maxRate: number | undefined): object {
    return {
      channel: this.#channel,
      type: mapType,
      phase: this.#from ? streamPhase : statePhase,
      data: maxRate && { maxRate },
      cursor: this.#cursor,
      ...(this.#from && { recover: true, ...this.#from }),
    };
  }

  reply(reply: SubscribeReply): Start | undefined {
    const { recovered, publications, state = [], phase, cursor } = reply;
    if (recovered) return { position: positionOf(reply), recovered, publications };
    if (this.#cursor === undefined) this.#anew(reply);
    this.#cursor = cursor;
    return this.page(state, phase === statePhase);
  }

  /** It may begin anew, once. */
  mayFollow({ code }: WireError): boolean {
    const may = code === unrecoverable && this.#from !== undefined;
    this.#from = undefined;
    return may;
  }

  begin(start: WireStart): Start | undefined {
    const { recovered, keyed } = start;
    if (recovered) return { position: positionOf(start), recovered };
    if (!keyed) this.#isPlain();
    this.#anew(start);
    return undefined;
  }

  #anew(start: WireStart): void {
    this.#position = positionOf(start);
    this.#entries = [];
  }

  page(state: readonly WirePublication[], more: boolean): Start | undefined {
    this.#entries.push(...state);
    return more
      ? undefined
      : { position: this.#position, entries: this.#entries, recovered: this.#recovered };
  }
}
