/** A load of numbered publications that goes on while the server comes and goes. */
import { eventually } from "../../support/clients/eventually.ts";
import { Poster } from "../../support/clients/poster.ts";

export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

export class Load {
  readonly #port: number;
  readonly #channel: string;
  /** Each number is sent once; those whose answer was lost are not in here. */
  readonly #acknowledged = new Map<number, Position>();
  readonly #publishers: Promise<void>[];
  #going = true;
  #next = 1;
  #waiting: { readonly size: number; readonly wake: () => void } | undefined;

  constructor(port: number, channel: string, publishers: number) {
    this.#port = port;
    this.#channel = channel;
    this.#publishers = Array.from({ length: publishers }, () => this.#run());
  }

  /** Resolves when so many more have been acknowledged. */
  more(count: number): Promise<void> {
    return new Promise((wake) => {
      this.#waiting = { size: this.#acknowledged.size + count, wake };
    });
  }

  /** Number → where the answer said it is kept. */
  async stop(): Promise<ReadonlyMap<number, Position>> {
    this.#going = false;
    await Promise.all(this.#publishers);
    return this.#acknowledged;
  }

  async #run(): Promise<void> {
    while (this.#going) {
      await eventually(() => this.#publishWhileItLasts(), "a server to publish to", 60_000);
    }
  }

  /** False when nobody listens; true when it is time to connect again, or to stop. */
  async #publishWhileItLasts(): Promise<boolean> {
    let published = false;
    try {
      using poster = await Poster.connect(this.#port);
      while (this.#going) {
        await this.#publish(poster);
        published = true;
      }
    } catch {
      // The server has gone: what was on its way may or may not be kept.
    }
    return published || !this.#going;
  }

  async #publish(poster: Poster): Promise<void> {
    const n = this.#next++;
    const body = JSON.stringify({ channel: this.#channel, data: n });
    const { result } = JSON.parse(await poster.post("/api/publish", body)) as {
      result?: Position;
    };
    if (result === undefined) return;
    this.#acknowledged.set(n, result);
    if (this.#waiting === undefined || this.#acknowledged.size < this.#waiting.size) return;
    this.#waiting.wake();
    this.#waiting = undefined;
  }
}
