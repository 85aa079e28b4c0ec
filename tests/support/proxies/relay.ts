/** A TCP relay that can be told, while it runs, to behave as bad networks do. */
import { createServer, type Server, type Socket } from "node:net";
import { freePort } from "../server.ts";
import { type Clock, realClock } from "./clock.ts";
import { Connection } from "./connection.ts";
import { type CutHow, type Manner, pass, type Way } from "./manner.ts";
import type { Proxy } from "./proxy.ts";

export interface RelayOptions {
  readonly name?: string;
  /** From 0 to below 1: for delays and sizes. */
  readonly random?: () => number;
  readonly clock?: Clock;
  /** Begins when the relay listens; what it returns ends it. */
  readonly script?: (relay: Relay, clock: Clock) => () => void;
}

/**
 * What becomes of the connections that there were before the dark: they go on, with all that was sent
 * meanwhile, as TCP does when it sends again; or the way has forgotten them, and neither end hears of
 * the other again, not even that it has closed.
 */
export type DarkFate = "resume" | "lost";

/** Resolves when it listens. */
export async function startRelay(upstreamPort: number, options: RelayOptions = {}): Promise<Relay> {
  const relay = new Relay(upstreamPort, options);
  await relay.admit();
  relay.begin();
  return relay;
}

export class Relay implements Proxy {
  readonly name: string;
  readonly port: number;
  /** Bytes that have been carried. */
  readonly bytes: Record<Way, number> = { up: 0, down: 0 };
  /** In so many writes. */
  readonly writes: Record<Way, number> = { up: 0, down: 0 };
  readonly #upstreamPort: number;
  readonly #random: () => number;
  readonly #clock: Clock;
  readonly #manners: Record<Way, Manner> = { up: pass, down: pass };
  readonly #connections = new Set<Connection>();
  #listener: Server | undefined;
  #accepted = 0;
  #dark = false;
  #disposed = false;
  #endDark = () => {};
  #endScript = () => {};
  readonly #script: RelayOptions["script"];

  /** Of `startRelay`. */
  constructor(upstreamPort: number, options: RelayOptions) {
    this.#script = options.script;
    const { name = "relay", random = Math.random, clock = realClock } = options;
    this.name = name;
    this.port = freePort();
    this.#upstreamPort = upstreamPort;
    this.#random = random;
    this.#clock = clock;
  }

  /** Of `startRelay`. */
  begin(): void {
    this.#endScript = this.#script?.(this, this.#clock) ?? this.#endScript;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Open ones. */
  get connections(): number {
    return this.#connections.size;
  }

  /** All there ever were. */
  get accepted(): number {
    return this.#accepted;
  }

  /** For connections that are open, too. */
  set(way: Way | "both", manner: Manner): void {
    const ways: readonly Way[] = way === "both" ? ["up", "down"] : [way];
    for (const one of ways) {
      this.#manners[one] = manner;
      for (const connection of this.#connections) connection.changed(one);
    }
  }

  /** All connections, now. */
  cut(how: CutHow): void {
    for (const connection of this.#connections) connection.cut(how);
  }

  /** Those that would connect are refused from now on. */
  refuse(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** Resolves when connections are taken again. */
  async admit(): Promise<void> {
    if (this.#listener !== undefined || this.#disposed) return;
    const listener = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    this.#listener = listener;
    await new Promise<void>((resolve, reject) => {
      listener.once("error", reject);
      listener.listen({ host: "127.0.0.1", port: this.port }, resolve);
    });
  }

  /**
   * Nothing moves any more, nor is any connection told so. New ones are not answered: to them it
   * seems that they are open, since the kernel takes them, and then nothing comes.
   */
  goDark(fate: DarkFate): void {
    this.#dark = true;
    if (fate === "lost") { for (const connection of this.#connections) connection.lose(); }
  }

  comeBack(): void {
    this.#dark = false;
    this.#endDark();
    for (const connection of this.#connections) connection.wake();
  }

  /** Resolves when it is over, or the relay ends. */
  darkFor(ms: number, fate: DarkFate): Promise<void> {
    this.#endDark();
    this.goDark(fate);
    return new Promise((resolve) => {
      const callOff = this.#clock.after(ms, () => this.comeBack());
      this.#endDark = () => {
        callOff();
        this.#endDark = () => {};
        resolve();
      };
    });
  }

  /** Everything passes again. Resolves when it does. */
  async calm(): Promise<void> {
    this.comeBack();
    this.set("both", pass);
    await this.admit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.refuse();
    this.#endScript();
    this.#endDark();
    const open = [...this.#connections];
    for (const connection of open) connection.destroy();
    await Promise.all(open.map(({ closed }) => closed));
  }

  #accept(client: Socket): void {
    if (this.#disposed) return void client.destroy();
    this.#accepted++;
    const connection = new Connection({
      client,
      upstreamPort: this.#upstreamPort,
      manner: (way) => this.#manners[way],
      dark: () => this.#dark,
      passed: (way, bytes) => {
        this.bytes[way] += bytes;
        this.writes[way]++;
      },
      random: this.#random,
      clock: this.#clock,
    });
    this.#connections.add(connection);
    connection.closed.finally(() => this.#connections.delete(connection));
  }
}
