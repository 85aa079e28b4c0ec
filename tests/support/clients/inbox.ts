/** What a test client has received and not yet handed out. */
import type { StreamPosition } from "../../../lib/protocol/publication.ts";
import { type End, Ended, type Positions, type Received, type Started } from "./client.ts";

type Item =
  | { readonly kind: "message"; readonly message: Received }
  | { readonly kind: "start"; readonly channel: string; readonly start: Started }
  | { readonly kind: "cursor"; readonly cursor: string };

const defaultWithinMs = 20_000;

export class Inbox {
  readonly started = new Map<string, Started>();
  readonly closed: Promise<End>;
  readonly #resolveClosed: (end: End) => void;
  readonly #positions = new Map<string, StreamPosition>();
  #items: Item[] = [];
  #taken = 0;
  #end: End | undefined;
  #wake: (() => void) | undefined;
  #cursor = "";

  constructor() {
    const { promise, resolve } = Promise.withResolvers<End>();
    this.closed = promise;
    this.#resolveClosed = resolve;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  get cursor(): string {
    this.#skip();
    return this.#cursor;
  }

  positions(): Positions {
    this.#skip();
    return new Map(this.#positions);
  }

  /** The client can be told at once where it starts; its positions follow with the messages. */
  start(channel: string, start: Started): void {
    this.started.set(channel, start);
    this.#put({ kind: "start", channel, start });
  }

  put(message: Received): void {
    this.#put({ kind: "message", message });
  }

  startAt(cursor: string): void {
    this.#put({ kind: "cursor", cursor });
  }

  /** Only the first time counts. */
  end(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#resolveClosed(end);
    this.#wake?.();
  }

  async next(withinMs = defaultWithinMs): Promise<Received> {
    while (true) {
      const message = this.#skip();
      if (message !== undefined) return this.#take(message);
      if (this.#end !== undefined) throw new Ended(this.#end);
      await this.#arrival(withinMs);
    }
  }

  async *messages(): AsyncGenerator<Received> {
    while (true) {
      try {
        yield await this.next();
      } catch (error) {
        if (error instanceof Ended) return;
        throw error;
      }
    }
  }

  #put(item: Item): void {
    if (this.#end !== undefined) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** Takes in what comes before the next message, and returns that without taking it. */
  #skip(): Received | undefined {
    for (let item = this.#items[this.#taken]; item; item = this.#items[++this.#taken]) {
      if (item.kind === "message") return item.message;
      if (item.kind === "cursor") this.#cursor = item.cursor;
      else if (item.start.position !== null) {
        this.#positions.set(item.channel, item.start.position);
      }
    }
    this.#items = [];
    this.#taken = 0;
    return undefined;
  }

  #take(message: Received): Received {
    this.#taken++;
    const epoch = this.#positions.get(message.channel)?.epoch;
    if (message.offset !== null && epoch !== undefined) {
      this.#positions.set(message.channel, { epoch, offset: message.offset });
    }
    this.#cursor = message.cursor ?? this.#cursor;
    return message;
  }

  async #arrival(withinMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        timer = setTimeout(() => reject(new Error(`nothing came within ${withinMs} ms`)), withinMs);
      });
    } finally {
      this.#wake = undefined;
      clearTimeout(timer);
    }
  }
}

/** The part of a test client that hands out what its inbox holds. */
export abstract class QueueingClient {
  protected readonly inbox = new Inbox();

  get started() {
    return this.inbox.started;
  }

  get closed() {
    return this.inbox.closed;
  }

  get cursor() {
    return this.inbox.cursor;
  }

  next(withinMs?: number) {
    return this.inbox.next(withinMs);
  }

  messages() {
    return this.inbox.messages();
  }

  positions() {
    return this.inbox.positions();
  }
}
