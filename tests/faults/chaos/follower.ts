/** One client in the chaos: follows a stream and a state channel, and publishes numbers of its own. */
import assert from "node:assert/strict";
import { connect, type TransportName } from "../../../lib/client/mod.ts";

export const stream = "chaos:stream";
export const board = "board:all";
export const said = "chaos:said";

export interface Said {
  readonly by: number;
  readonly n: number;
}

/** What is known of one that is wrong, with the millisecond of each state before. */
const maxStates = 40;

export class Follower {
  readonly name: string;
  readonly client;
  /** What is wrong, the first of it. */
  wrong: string | undefined;
  /** The last number; each is the one before it plus one. */
  reached = 0;
  /** Times that the state channel began anew. */
  syncs = 0;
  /** Own numbers that the server has taken. */
  readonly taken: number[] = [];
  readonly states: string[] = [];
  readonly #by: number;
  #said = 0;
  #entries: ReadonlyMap<string, unknown> = new Map();

  /** @param random decides how long it waits between two attempts. */
  constructor(
    by: number,
    url: string,
    transports: readonly TransportName[],
    random: () => number,
  ) {
    this.#by = by;
    this.name = `client ${by} (${transports.join(", ")})`;
    this.client = connect(url, { transports, memory: null, environment: { random } });
    const began = Date.now();
    this.client.status.subscribe((status) => {
      const detail = "transport" in status ? status.transport : "reason" in status && status.reason;
      this.states.push(`${Date.now() - began} ${status.name} ${detail || ""}`);
      if (this.states.length > maxStates) this.states.shift();
      if (status.name === "closed" && status.code !== 0) this.#blame(`closed: ${status.reason}`);
    });
  }

  /** @param epoch of the stream, which is followed from its beginning. */
  follow(epoch: string): void {
    this.client.channel(stream).subscribe(({ data }) => this.#take(data), {
      since: { epoch, offset: 0 },
      onGap: () => this.#blame("a gap is told"),
      onRefused: ({ message }) => this.#blame(`the stream is refused: ${message}`),
    });
    const tell = (entries: ReadonlyMap<string, unknown>) => {
      this.#entries = entries;
    };
    this.client.state(board).subscribe({
      onSync: (entries) => {
        this.syncs++;
        tell(entries);
      },
      onChange: ({ entries }) => tell(entries),
      onRefused: ({ message }) => this.#blame(`the state is refused: ${message}`),
    });
  }

  say(): void {
    const n = ++this.#said;
    const data: Said = { by: this.#by, n };
    this.client.channel(said).publish(data).then(
      () => this.taken.push(n),
      (error) => this.#blame(`number ${n} is not taken: ${error}`),
    );
  }

  /** Whether everything it said has been answered. */
  get isHeard(): boolean {
    return this.taken.length === this.#said;
  }

  get entries(): readonly (readonly [string, unknown])[] {
    return [...this.#entries].toSorted(([a], [b]) => a < b ? -1 : 1);
  }

  /** @throws AssertionError with what is wrong. */
  check(): void {
    assert.equal(this.wrong, undefined, `${this.name}: ${this.wrong}; ${this.states.join("; ")}`);
  }

  #take(data: unknown): void {
    if (data === this.reached + 1) this.reached++;
    else this.#blame(`${data} after ${this.reached}`);
  }

  #blame(what: string): void {
    this.wrong ??= what;
  }
}
