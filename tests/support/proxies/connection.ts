import { Socket } from "node:net";
import type { Clock } from "./clock.ts";
import type { CutHow, Manner, Way } from "./manner.ts";
import { Pump } from "./pump.ts";

export interface ConnectionOptions {
  readonly client: Socket;
  readonly upstreamPort: number;
  readonly manner: (way: Way) => Manner;
  readonly dark: () => boolean;
  readonly passed: (way: Way, bytes: number) => void;
  readonly random: () => number;
  readonly clock: Clock;
}

/** One connection of a relay: a client's and the one to the server that belongs to it. */
export class Connection {
  /** Resolves when nothing of it is left. */
  readonly closed: Promise<void>;
  readonly #sockets: readonly Socket[];
  readonly #pumps: Readonly<Record<Way, Pump>>;
  /** Forgotten on the way: neither end hears of the other again. */
  #lost = false;
  /** null: the server has been called. */
  #call: (() => void) | null;

  constructor(options: ConnectionOptions) {
    const { client, upstreamPort: port, random, clock } = options;
    const server = new Socket({ allowHalfOpen: true });
    this.#sockets = [client, server];
    this.#call = () => void server.connect({ port, host: "127.0.0.1" });
    const pump = (way: Way, from: Socket, to: Socket) =>
      new Pump({
        from,
        to,
        manner: () => options.manner(way),
        held: () => this.#lost || options.dark(),
        cut: (how) => this.cut(how),
        passed: (bytes) => options.passed(way, bytes),
        random,
        clock,
      });
    this.#pumps = { up: pump("up", client, server), down: pump("down", server, client) };
    this.closed = this.#run();
    if (!options.dark()) this.wake();
  }

  changed(way: Way): void {
    this.#pumps[way].changed();
  }

  /** The dark is over, if there was one. */
  wake(): void {
    this.#call?.();
    this.#call = null;
    for (const pump of this.#each()) pump.wake();
  }

  lose(): void {
    this.#lost = true;
  }

  /** Of what is on its way, nothing arrives. */
  cut(how: CutHow): void {
    this.#call = null;
    for (const pump of this.#each()) pump.stop();
    for (const socket of this.#sockets) {
      if (how === "rst") socket.resetAndDestroy();
      else if (socket.connecting) socket.destroy();
      else socket.destroySoon();
    }
  }

  destroy(): void {
    this.#call = null;
    for (const pump of this.#each()) pump.stop();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #run(): Promise<void> {
    const closed = this.#sockets.map((socket) => {
      socket.setNoDelay(true);
      // The pumps hear of it, too.
      socket.on("error", () => {});
      return new Promise<void>((resolve) => socket.once("close", () => resolve()));
    });
    await Promise.all([...closed, ...this.#each().map((pump) => pump.run())]);
  }

  #each(): Pump[] {
    return [this.#pumps.up, this.#pumps.down];
  }
}
