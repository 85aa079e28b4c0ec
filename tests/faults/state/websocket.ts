/** A client of the client protocol that keeps maps, over a transport in this process. */
import { type Disconnect, disconnects } from "../../../lib/protocol/disconnects.ts";
import { Session } from "../../../lib/session/session.ts";
import type { Transport } from "../../../lib/transport/transport.ts";
import type { KeyedPub } from "../../support/clients/state_mirror.ts";
import type { Following, Line } from "./following.ts";
import type { Place } from "./node.ts";

interface Reply {
  readonly id?: number;
  readonly error?: { readonly code: number; readonly message: string };
  readonly subscribe?: Page;
  readonly push?: {
    readonly channel: string;
    readonly pub?: KeyedPub;
    readonly unsubscribe?: Disconnect;
  };
}

interface Page {
  readonly epoch: string;
  readonly offset?: number;
  readonly phase?: number;
  readonly cursor?: string;
  readonly state?: readonly KeyedPub[];
  readonly publications?: readonly KeyedPub[];
  readonly recovered?: boolean;
}

interface Asked {
  readonly channel: string;
  readonly kind: "resume" | "first page" | "page";
}

/** Answers after which a client begins with the state. */
const beginsAnew: ReadonlySet<number> = new Set([103, 112]);

export class WebSocketLine implements Line {
  readonly #place: Place;
  readonly #following: Following;
  readonly #transport: Pipe;
  readonly #session: Session;
  readonly #asked = new Map<number, Asked>();
  #id = 1;

  constructor(place: Place, following: Following) {
    this.#place = place;
    this.#following = following;
    const { limits } = place.node;
    // What it learns here no cursor knows of.
    following.cursor = null;
    this.#transport = new Pipe(limits.backlog, (text) => this.#read(text), () => this.#closed());
    this.#session = new Session(place.node, this.#transport);
    this.#session.receive(JSON.stringify({ id: 1, connect: {} }));
    for (const channel of following.wishes.channels) this.#subscribe(channel);
  }

  get stalled(): boolean {
    return this.#transport.stalled;
  }

  set stalled(stalled: boolean) {
    this.#transport.stalled = stalled;
  }

  get isOpen(): boolean {
    return this.#transport.isOpen && !this.#place.isDead;
  }

  get isLevel(): boolean {
    return this.#asked.size === 0 && this.#transport.backlog === 0 && this.#following.isWhole;
  }

  cut(): void {
    this.#transport.close({ code: 1006, reason: "cut" });
  }

  #closed(): void {
    if (!this.#place.isDead) this.#session.closed();
  }

  #subscribe(channel: string): void {
    const { position, whole } = this.#following.mirror(channel);
    if (position === null || !whole) return this.#ask(channel, "first page");
    this.#ask(channel, "resume", { phase: 1, recover: true, ...position });
  }

  #ask(channel: string, kind: Asked["kind"], more: object = {}): void {
    const id = ++this.#id;
    const { filter, maxRate } = this.#following.wishes;
    const subscribe = {
      channel,
      type: 1,
      phase: 2,
      limit: 100,
      ...(filter !== null && { tf: JSON.parse(this.#following.filter?.text ?? "") }),
      ...(maxRate !== null && { data: { maxRate } }),
      ...more,
    };
    this.#asked.set(id, { channel, kind });
    this.#session.receive(JSON.stringify({ id, subscribe }));
  }

  #read(frame: string): void {
    if (this.#place.isDead) return;
    try {
      for (const line of frame.split("\n")) this.#take(JSON.parse(line) as Reply);
    } catch (error) {
      this.#following.faults.push(error);
    }
  }

  #take({ id, error, subscribe, push }: Reply): void {
    if (push !== undefined) return this.#pushed(push);
    if (id === undefined) return this.#session.receive("{}");
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    if (error !== undefined) {
      if (!beginsAnew.has(error.code)) throw new Error(`${asked.kind}: ${JSON.stringify(error)}`);
      this.#following.tally.refused++;
      return this.#ask(asked.channel, "first page");
    }
    if (subscribe !== undefined) this.#answered(asked, subscribe);
  }

  #answered({ channel, kind }: Asked, page: Page): void {
    const { tally } = this.#following;
    const mirror = this.#following.mirror(channel);
    const { epoch, offset = 0, state = [], cursor, publications = [] } = page;
    if (kind === "resume") {
      if (page.recovered !== true) throw new Error("a map is recovered, or refused");
      tally.resumed++;
      for (const pub of publications) mirror.change(pub);
      return mirror.moveTo(offset);
    }
    if (kind === "first page") mirror.begin({ epoch, offset });
    if (cursor !== undefined) tally.pages++;
    mirror.page(state, cursor !== undefined);
    if (cursor !== undefined) this.#ask(channel, "page", { cursor });
  }

  #pushed({ channel, pub, unsubscribe }: NonNullable<Reply["push"]>): void {
    if (pub !== undefined) this.#following.mirror(channel).change(pub);
    if (unsubscribe === undefined) return;
    if (unsubscribe.code !== 2502) throw new Error(`unsubscribed: ${unsubscribe.code}`);
    this.#following.tally.lost++;
    this.#ask(channel, "first page");
  }
}

/** Frames on their way to a client that may stop reading. */
class Pipe implements Transport<string> {
  readonly name = "websocket";
  readonly #read: (text: string) => void;
  readonly #ended: () => void;
  readonly #maxBacklog: number;
  #unread: string[] = [];
  #backlog = 0;
  #stalled = false;
  #open = true;

  constructor(maxBacklog: number, read: (text: string) => void, ended: () => void) {
    this.#maxBacklog = maxBacklog;
    this.#read = read;
    this.#ended = ended;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get backlog(): number {
    return this.#backlog;
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  set stalled(stalled: boolean) {
    this.#stalled = stalled;
    if (!stalled) queueMicrotask(() => this.#drain());
  }

  send(text: string): void {
    if (!this.#open) return;
    if (this.#backlog > this.#maxBacklog) return this.close(disconnects.slow);
    this.#unread.push(text);
    this.#backlog += text.length;
    if (!this.#stalled) queueMicrotask(() => this.#drain());
  }

  close(_disconnect: Disconnect): void {
    if (!this.#open) return;
    this.#open = false;
    this.#unread = [];
    this.#ended();
  }

  #drain(): void {
    while (!this.#stalled) {
      const text = this.#unread.shift();
      if (text === undefined) return;
      this.#backlog -= text.length;
      this.#read(text);
    }
  }
}
