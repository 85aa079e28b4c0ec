/** Map subscriptions of the client protocol (PROTOCOL.md 2.6). */
import { parseFilter } from "../../../../lib/protocol/filter.ts";
import { Refused } from "../client.ts";
import type { KeyedPub } from "../state_mirror.ts";
import { StateClient, type StateOptions } from "./client.ts";

interface Line {
  readonly id?: number;
  readonly error?: { readonly code: number; readonly message: string };
  readonly subscribe?: Page;
  readonly push?: {
    readonly channel: string;
    readonly pub?: KeyedPub;
    readonly unsubscribe?: { readonly code: number; readonly reason: string };
  };
}

interface Page {
  readonly epoch?: string;
  readonly offset?: number;
  readonly type?: number;
  readonly cursor?: string;
  readonly state?: readonly KeyedPub[];
  readonly publications?: readonly KeyedPub[];
  readonly was_recovering?: boolean;
}

/** What is a tree already need not be a sound one. */
function treeOf(filter: string): unknown {
  return JSON.parse(filter.startsWith("{") ? filter : parseFilter(filter).text);
}

const unrecoverable = 112;
const stateInvalidated = 2502;

/** Resolves when it has the state of all channels. @throws Refused */
export async function openStateWebSocket(url: string, options: StateOptions): Promise<StateClient> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/connection/websocket`);
  return await new WebSocketStateClient(socket, options).opened();
}

class WebSocketStateClient extends StateClient {
  readonly transport = "websocket";
  readonly #socket: WebSocket;
  readonly #options: StateOptions;
  readonly #gone = Promise.withResolvers<void>();
  /** By the command that asked. */
  readonly #asked = new Map<number, { channel: string; kind: "resume" | "first" | "next" }>();
  #id = 1;

  constructor(socket: WebSocket, options: StateOptions) {
    super(options);
    this.#socket = socket;
    this.#options = options;
    this.cursor = "";
    socket.onopen = () => {
      socket.send(JSON.stringify({ id: 1, connect: { token: options.token ?? "" } }));
      for (const channel of options.channels) this.#subscribe(channel);
      for (const channel of options.plain ?? []) {
        socket.send(JSON.stringify({ id: ++this.#id, subscribe: { channel } }));
      }
    };
    socket.onmessage = ({ data }) => {
      for (const line of String(data).split("\n")) this.take(() => this.#line(JSON.parse(line)));
    };
    socket.onerror = () => {}; // A close follows.
    socket.onclose = ({ code, reason }) => {
      this.end({ code, reason });
      this.#gone.resolve();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end({ code: 1000, reason: "disposed" });
    this.#socket.close();
    await this.#gone.promise;
  }

  #subscribe(channel: string): void {
    const { whole, position } = this.mirror(channel);
    if (!whole) return this.#ask(channel, "first", { phase: 2 });
    this.#ask(channel, "resume", { phase: 1, recover: true, ...position });
  }

  #ask(channel: string, kind: "resume" | "first" | "next", more: object): void {
    const id = ++this.#id;
    const { filter, maxRate } = this.#options;
    const subscribe = {
      channel,
      type: 1,
      limit: 100,
      ...(filter !== undefined && { tf: treeOf(filter) }),
      ...(maxRate !== undefined && { data: { maxRate } }),
      ...more,
    };
    this.#asked.set(id, { channel, kind });
    this.#socket.send(JSON.stringify({ id, subscribe }));
  }

  #line({ id, error, subscribe, push }: Line): void {
    if (push !== undefined) return this.#pushed(push);
    if (id === undefined) return this.#socket.send("{}");
    const asked = this.#asked.get(id);
    if (error !== undefined) {
      const again = error.code === unrecoverable && asked !== undefined;
      if (!again) throw new Refused(error.message, error.code);
      return this.#ask(asked.channel, "first", { phase: 2 });
    }
    if (asked !== undefined && subscribe !== undefined) this.#subscribed(asked, subscribe);
  }

  #subscribed({ channel, kind }: { channel: string; kind: string }, page: Page): void {
    const { epoch = "", offset = 0, state = [], publications = [], cursor } = page;
    const mirror = this.mirror(channel);
    if (kind === "resume") {
      this.begun({ [channel]: { epoch, offset, recovered: true } });
      for (const pub of publications) this.change(channel, pub);
      return mirror.moveTo(offset);
    }
    if (kind === "first") {
      const lost = mirror.whole ? { recovered: false } : {};
      this.begun({ [channel]: { epoch, offset, ...lost } });
    }
    this.page(channel, state, cursor !== undefined);
    if (cursor !== undefined && !this.isOver) this.#ask(channel, "next", { phase: 2, cursor });
  }

  #pushed({ channel, pub, unsubscribe }: NonNullable<Line["push"]>): void {
    if (pub !== undefined) this.change(channel, pub);
    if (unsubscribe === undefined) return;
    if (unsubscribe.code !== stateInvalidated) return this.end(unsubscribe);
    this.#ask(channel, "first", { phase: 2 });
  }
}
