/** What all clients of one program have sent, received and seen. */

/** The part of an order that the bench writes into it. */
export interface Order {
  readonly id: number;
  /** Of the change that made it what it is; 0: as it was at the start. */
  readonly seq: number;
  /** When that change was sent to the back end, Unix milliseconds. */
  readonly at: number;
}

export interface Traffic {
  readonly requests: number;
  readonly bytesDown: number;
  readonly bytesUp: number;
}

export class Tally {
  requests = 0;
  /** What the sockets carried, headers included; without the headers of TCP and IP. */
  bytesDown = 0;
  bytesUp = 0;
  /** Connections that the other side ended. */
  closed = 0;
  /** Milliseconds from change to receipt, one for each change and client. */
  readonly delays: number[] = [];

  traffic(): Traffic {
    const { requests, bytesDown, bytesUp } = this;
    return { requests, bytesDown, bytesUp };
  }
}

/** What one client knows of the orders. */
export class Mirror {
  readonly #tally: Tally;
  readonly #seqs = new Map<number, number>();

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** @param received Unix milliseconds. */
  see({ id, seq, at }: Order, received: number): void {
    const known = this.#seqs.get(id);
    if (known !== undefined && known >= seq) return;
    this.#seqs.set(id, seq);
    if (known !== undefined) this.#tally.delays.push(received - at);
  }
}

/** Unix milliseconds with fractions. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
