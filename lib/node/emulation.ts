/**
 * The way up of clients whose way down is a streamed answer: what they send comes in requests of
 * their own, at whatever node, and is handed to the one that holds their session.
 */
import { z } from "zod";
import { Courier, type Handed, type Parcel } from "./courier.ts";

export interface EmulationOptions {
  /** This node's id. */
  readonly self: string;
  /** Whether there is such another node. */
  readonly knows: (node: string) => boolean;
  /**
   * Has the other node's `take` called, as often as it needs to answer; what that returned, or
   * undefined. Never rejects.
   */
  readonly ask: (node: string, argument: unknown) => Promise<unknown>;
  readonly onError: (error: unknown, stage: string) => void;
}

const argumentShape = z.object({
  from: z.string(),
  number: z.number(),
  parcels: z.array(z.object({ session: z.string(), frame: z.string() })),
});

/** Nodes of which it is remembered what they sent last. */
const maxSenders = 1_000;

export class Emulation {
  readonly #options: EmulationOptions;
  readonly #receivers = new Map<string, (frame: string) => void>();
  readonly #couriers = new Map<string, Courier>();
  /** By node, the number of the last message it sent; the node heard last at the end. */
  readonly #heard = new Map<string, number>();
  #number = 0;

  constructor(options: EmulationOptions) {
    this.#options = options;
  }

  /** From now on what is sent for that session goes there, until the returned function is called. */
  add(session: string, receive: (frame: string) => void): () => void {
    this.#receivers.set(session, receive);
    return () => void this.#receivers.delete(session);
  }

  /** A session that is not there any more takes everything: its client learns of it elsewhere. */
  async hand(node: string, parcel: Parcel): Promise<Handed | "unknown node"> {
    if (node === this.#options.self) {
      this.#receive(parcel);
      return "taken";
    }
    if (!this.#options.knows(node)) return "unknown node";
    let courier = this.#couriers.get(node);
    if (courier === undefined) {
      courier = this.#courierTo(node);
      this.#couriers.set(node, courier);
    }
    return await courier.carry(parcel);
  }

  /** What another node sends; the same may come several times, and counts once. */
  take(argument: unknown): true {
    const { from, number, parcels } = argumentShape.parse(argument);
    const last = this.#heard.get(from) ?? 0;
    this.#heard.delete(from);
    this.#heard.set(from, Math.max(last, number));
    if (number <= last) return true;
    this.#forgetOldest();
    for (const parcel of parcels) this.#receive(parcel);
    return true;
  }

  #courierTo(node: string): Courier {
    const send = async (parcels: readonly Parcel[]) => {
      const argument = { from: this.#options.self, number: ++this.#number, parcels };
      return await this.#options.ask(node, argument) === true;
    };
    return new Courier(send, () => this.#couriers.delete(node));
  }

  #receive({ session, frame }: Parcel): void {
    try {
      this.#receivers.get(session)?.(frame);
    } catch (error) {
      this.#options.onError(error, "emulation");
    }
  }

  #forgetOldest(): void {
    if (this.#heard.size <= maxSenders) return;
    const [oldest] = this.#heard.keys();
    if (oldest !== undefined) this.#heard.delete(oldest);
  }
}
