import type { Socket } from "node:net";
import { setImmediate } from "node:timers";
import { Bell } from "./bell.ts";
import type { Clock } from "./clock.ts";
import type { CutHow, Manner } from "./manner.ts";

export interface PumpOptions {
  readonly from: Socket;
  readonly to: Socket;
  readonly manner: () => Manner;
  /** While it is so, nothing moves, whatever the manner. */
  readonly held: () => boolean;
  /** Ends both ways of the connection. */
  readonly cut: (how: CutHow) => void;
  readonly passed: (bytes: number) => void;
  readonly random: () => number;
  readonly clock: Clock;
}

interface Piece {
  readonly bytes: Uint8Array;
  /** By the clock: when it may go on where there are delays. */
  readonly due: number;
}

/** What has been read and not written; beyond that nothing more is read. */
const maxWaitingBytes = 1024 * 1024;

/** Carries one way of one connection. */
export class Pump {
  readonly #options: PumpOptions;
  readonly #bell: Bell;
  readonly #waiting: Piece[] = [];
  #waitingBytes = 0;
  #lastDue = 0;
  #left = Infinity;
  #source: "open" | "ended" | "broken" = "open";
  #stopped = false;
  #written = () => {};

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#bell = new Bell(options.clock);
    this.changed();
  }

  /** Resolves when it has stopped, or has carried all there was. Never rejects. */
  async run(): Promise<void> {
    await Promise.all([this.#read(), this.#write()]);
  }

  /** The manner is another one. */
  changed(): void {
    const manner = this.#options.manner();
    this.#left = manner.name === "cut" ? manner.afterBytes : Infinity;
    this.#bell.ring();
  }

  /** What it was held by may be over. */
  wake(): void {
    this.#bell.ring();
  }

  /** Its sockets are gone. */
  stop(): void {
    this.#stopped = true;
    this.#written();
    this.#bell.ring();
  }

  get #still(): boolean {
    return this.#options.held() || this.#options.manner().name === "stall";
  }

  async #read(): Promise<void> {
    const { from } = this.#options;
    try {
      while (!this.#stopped && this.#still) await this.#bell.wait();
      for await (const bytes of from.iterator({ destroyOnReturn: false })) {
        if (this.#stopped) return;
        this.#take(bytes);
        while (!this.#stopped && (this.#still || this.#waitingBytes > maxWaitingBytes)) {
          await this.#bell.wait();
        }
      }
      this.#source = "ended";
    } catch {
      this.#source = "broken";
    }
    this.#bell.ring();
  }

  #take(bytes: Uint8Array): void {
    const { random, clock } = this.#options;
    const manner = this.#options.manner();
    if (manner.name === "delay") {
      this.#lastDue = Math.max(this.#lastDue, clock.now() + random() * manner.maxMs);
    }
    this.#waiting.push({ bytes, due: this.#lastDue });
    this.#waitingBytes += bytes.byteLength;
    this.#bell.ring();
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      const next = this.#waiting[0];
      const waitMs = this.#waitMs(next);
      if (waitMs > 0) await this.#bell.wait(Number.isFinite(waitMs) ? waitMs : undefined);
      else if (next !== undefined) await this.#pass(next);
      else if (this.#source === "ended") return void this.#options.to.end();
      else this.#options.cut("rst");
    }
  }

  /** Until something can be written, or the end be told; Infinity: until the bell rings. */
  #waitMs(next: Piece | undefined): number {
    if (this.#still) return Infinity;
    if (next === undefined) return this.#source === "open" ? Infinity : 0;
    if (this.#options.manner().name !== "delay") return 0;
    return next.due - this.#options.clock.now();
  }

  async #pass(piece: Piece): Promise<void> {
    const manner = this.#options.manner();
    const all = piece.bytes.byteLength;
    const size = Math.min(this.#sizeOf(manner, all), this.#left);
    this.#waiting.shift();
    if (size < all) this.#waiting.unshift({ ...piece, bytes: piece.bytes.subarray(size) });
    this.#waitingBytes -= size;
    this.#left -= size;
    if (size > 0) await this.#send(piece.bytes.subarray(0, size));
    // A turn of the loop, or a reader would mostly get several as one.
    if (manner.name === "crumble") await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.#left === 0 && manner.name === "cut") this.#options.cut(manner.how);
  }

  #sizeOf(manner: Manner, all: number): number {
    if (manner.name !== "crumble") return all;
    return Math.min(all, 1 + Math.floor(this.#options.random() * manner.maxBytes));
  }

  #send(bytes: Uint8Array): Promise<void> {
    const { to, passed } = this.#options;
    return new Promise((resolve) => {
      this.#written = resolve;
      to.write(bytes, (error) => {
        // That its reader has gone shows where it is read from.
        if (!error) passed(bytes.byteLength);
        // Room again.
        this.#bell.ring();
        resolve();
      });
    });
  }
}
