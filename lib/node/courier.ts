/**
 * Carries clients' commands to one other node, in the order they came: one message at a time, the
 * next when that has been acknowledged, with everything that came meanwhile.
 */

/** What became of commands that were to reach the node of their session. */
export type Handed = "taken" | "overloaded" | "unanswered";

export interface Parcel {
  readonly session: string;
  readonly frame: string;
}

interface Waiting {
  readonly parcel: Parcel;
  settle(handed: Handed): void;
}

/** UTF-16 units that one message carries; a single parcel always fits. */
const maxMessageLength = 256 * 1024;
/** UTF-16 units that may wait for one node. */
const maxWaitingLength = 4 * 1024 * 1024;

export class Courier {
  readonly #send: (parcels: readonly Parcel[]) => Promise<boolean>;
  readonly #idle: () => void;
  #waiting: Waiting[] = [];
  #length = 0;
  #going = false;

  /**
   * @param send resolves true when the node has taken them, false when that is not known; it does
   * not reject.
   * @param idle called whenever nothing is left to carry.
   */
  constructor(send: (parcels: readonly Parcel[]) => Promise<boolean>, idle: () => void) {
    this.#send = send;
    this.#idle = idle;
  }

  carry(parcel: Parcel): Promise<Handed> {
    const length = lengthOf(parcel);
    if (this.#length + length > maxWaitingLength) return Promise.resolve("overloaded");
    this.#length += length;
    const { promise, resolve } = Promise.withResolvers<Handed>();
    this.#waiting.push({ parcel, settle: resolve });
    if (!this.#going) this.#go();
    return promise;
  }

  async #go(): Promise<void> {
    this.#going = true;
    while (this.#waiting.length > 0) {
      const some = this.#take();
      const taken = await this.#send(some.map(({ parcel }) => parcel));
      for (const { settle } of some) settle(taken ? "taken" : "unanswered");
      // What follows would wait as long, for a node that seems to have gone.
      if (!taken) this.#giveUp();
    }
    this.#going = false;
    this.#idle();
  }

  #take(): Waiting[] {
    let count = 0;
    let length = 0;
    for (const { parcel } of this.#waiting) {
      if (count > 0 && length + lengthOf(parcel) > maxMessageLength) break;
      length += lengthOf(parcel);
      count++;
    }
    this.#length -= length;
    return this.#waiting.splice(0, count);
  }

  #giveUp(): void {
    const all = this.#waiting;
    this.#waiting = [];
    this.#length = 0;
    for (const { settle } of all) settle("unanswered");
  }
}

function lengthOf({ session, frame }: Parcel): number {
  return session.length + frame.length;
}
