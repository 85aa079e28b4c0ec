/** The clients connected to this isolate, whatever their transport. */
import { type Disconnect, disconnects } from "../protocol/disconnects.ts";
import type { ServedTransport } from "../transport/transport.ts";

export interface Connected {
  /** The client id that others see. */
  readonly id: string;
  /** "" while unknown or anonymous. */
  readonly user: string;
  readonly transport: ServedTransport;
  /** When it came, in Unix milliseconds. */
  readonly since: number;
  /** Bytes it was sent and has not taken yet. */
  readonly backlog: number;
  /** Publications of its channels that it is still to be sent; 0: it is level with them. */
  readonly lag: number;
  /** What it listens to, listed when asked for. */
  readonly channels: readonly string[];
  close(disconnect: Disconnect): void;
}

export class Sessions {
  readonly #all = new Set<Connected>();
  readonly #maxConnections: number;
  /** Places taken, by sockets that are ending too. */
  #taken = 0;
  #closing = false;
  #onEmpty: (() => void) | undefined;

  constructor(maxConnections: number) {
    this.#maxConnections = maxConnections;
  }

  /** Takes a place for a connection that is about to open; false when there is none. */
  admit(): boolean {
    if (this.#closing || this.#taken >= this.#maxConnections) return false;
    this.#taken++;
    return true;
  }

  /** Gives the place back. */
  dismiss(): void {
    if (--this.#taken === 0) this.#onEmpty?.();
  }

  /** Resolves when all places are free, or after `ms`: a client that has stalled stays. */
  async empty(ms: number): Promise<void> {
    if (this.#taken === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  get closing(): boolean {
    return this.#closing;
  }

  add(session: Connected): void {
    this.#all.add(session);
    // Let in before the shutdown began, ready after it.
    if (this.#closing) session.close(disconnects.shutdown);
  }

  remove(session: Connected): void {
    this.#all.delete(session);
  }

  /** Places taken, by sockets too that have ended and whose peer does not let go. */
  get taken(): number {
    return this.#taken;
  }

  get size(): number {
    return this.#all.size;
  }

  count(transport: ServedTransport): number {
    let n = 0;
    for (const session of this.#all) if (session.transport === transport) n++;
    return n;
  }

  /** Different users among them. */
  users(): Set<string> {
    const users = new Set<string>();
    for (const { user } of this.#all) users.add(user);
    return users;
  }

  all(): Iterable<Connected> {
    return this.#all;
  }

  /** Ends the sessions of a user, or one of them, or one whoever's it is. Returns how many. */
  disconnect(
    user: string | undefined,
    client: string | undefined,
    disconnect: Disconnect,
  ): number {
    if (user === undefined && client === undefined) return 0;
    let ended = 0;
    for (const session of [...this.#all]) {
      if (user !== undefined && session.user !== user) continue;
      if (client !== undefined && session.id !== client) continue;
      session.close(disconnect);
      ended++;
    }
    return ended;
  }

  /** Lets nobody in any more and ends everyone, event streams and waiting requests first. */
  shutdown(): void {
    this.#closing = true;
    const sockets: Connected[] = [];
    for (const session of [...this.#all]) {
      if (session.transport === "websocket") sockets.push(session);
      else session.close(disconnects.shutdown);
    }
    for (const socket of sockets) socket.close(disconnects.shutdown);
  }
}
