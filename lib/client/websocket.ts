/** The client protocol over a WebSocket (PROTOCOL.md 2). */
import type { StreamPosition } from "../protocol/publication.ts";
import { downBy, downByError, type Link, type LinkContext, type WirePublication } from "./link.ts";
import type { Down } from "./state.ts";
import { Watchdog } from "./watchdog.ts";

/** A reply or a push, of which each has some. */
interface Frame {
  readonly id?: number;
  readonly error?: { readonly code: number; readonly message: string; readonly temporary?: true };
  readonly rpc?: { readonly data: { readonly time: number } };
  readonly connect?: { readonly ping?: number; readonly time?: number };
  readonly subscribe?: SubscribeReply;
  readonly push?: {
    readonly channel: string;
    readonly pub?: WirePublication;
    readonly unsubscribe?: { readonly code: number; readonly reason: string };
  };
}

interface SubscribeReply {
  readonly epoch?: string;
  readonly offset?: number;
  readonly was_recovering?: true;
  readonly recovered?: true;
  readonly publications?: readonly WirePublication[];
  /** Of a state channel: a page of its snapshot. */
  readonly state?: readonly WirePublication[];
  /** Another page has to be asked for. */
  readonly phase?: typeof statePhase;
  readonly cursor?: string;
}

/** Of subscribe commands for state channels (PROTOCOL.md 2.1). */
const mapType = 1;
const statePhase = 2;
const streamPhase = 1;
/** Error: the position cannot be recovered. */
const unrecoverable = 112;

/** A channel's subscribe command has its place in the list after these as its id. */
const connectId = 1;
const timeId = 2;
const firstChannelId = 3;

export function openWebSocket(context: LinkContext): Link {
  return new WebSocketLink(context);
}

class WebSocketLink implements Link {
  readonly #context: LinkContext;
  readonly #socket: WebSocket;
  readonly #gone = Promise.withResolvers<void>();
  readonly #timer: ReturnType<typeof setTimeout>;
  /** Ids of channels that have not started. */
  readonly #starting: Set<number>;
  /** Ids of channels whose snapshot has begun, and of those that had to begin anew. */
  readonly #paging = new Set<number>();
  readonly #anew = new Set<number>();
  #watchdog: Watchdog | undefined;
  #sentAt = 0;
  #over = false;

  constructor(context: LinkContext) {
    this.#context = context;
    this.#starting = new Set(context.channels.map((_, i) => firstChannelId + i));
    const url = new URL("connection/websocket", context.url);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new context.environment.WebSocket(url);
    this.#timer = setTimeout(
      () => this.#end({ kind: "lost", reason: "no WebSocket in time" }),
      context.timing.webSocketMs,
    );
    this.#socket.onopen = () => this.#greet();
    this.#socket.onmessage = ({ data }) => this.#receive(String(data));
    this.#socket.onerror = () => {}; // A close follows.
    this.#socket.onclose = ({ code, reason }) => {
      this.#gone.resolve();
      this.#end(downBy(code, reason));
    };
  }

  close(): Promise<void> {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#watchdog?.stop();
    this.#socket.close();
    return this.#gone.promise;
  }

  /** Connects and subscribes in one frame: one round trip. */
  #greet(): void {
    if (this.#over) return;
    const { token, position } = this.#context;
    const connect = JSON.stringify({ id: connectId, connect: { token, name: "nhip" } });
    const commands = [...this.#starting].map((id) => {
      const since = position(this.#channel(id));
      return this.#subscribe(id, since && { recover: true, ...since });
    });
    this.#sentAt = Date.now();
    this.#socket.send([connect, ...commands].join("\n"));
  }

  #channel(id: number): string {
    return this.#context.channels[id - firstChannelId] ?? "";
  }

  /** @param from a position, or a page's cursor; undefined: from now, or from the first page. */
  #subscribe(id: number, from?: { recover: true } & StreamPosition | { cursor: string }): string {
    const channel = this.#channel(id);
    const phase = from !== undefined && "recover" in from ? streamPhase : statePhase;
    const state = this.#context.isState(channel) && { type: mapType, phase };
    return JSON.stringify({ id, subscribe: { channel, ...state, ...from } });
  }

  #receive(text: string): void {
    this.#watchdog?.heard();
    try {
      for (const line of text.split("\n")) {
        if (this.#over) return;
        if (line === "{}") this.#pong();
        else if (line !== "") this.#take(JSON.parse(line));
      }
    } catch (error) {
      // Somebody on the way speaks another protocol.
      this.#end({ kind: "lost", reason: String(error) });
    }
  }

  #take({ id, error, connect, subscribe, rpc, push }: Frame): void {
    if (error !== undefined) {
      if (this.#mayBeginAnew(id, error.code)) return this.#socket.send(this.#subscribe(id));
      return this.#end(downByError(error.code, error.message, error.temporary === true));
    }
    if (connect !== undefined) this.#connected(connect);
    if (subscribe !== undefined && id !== undefined) {
      const isState = this.#context.isState(this.#channel(id));
      if (isState) this.#takeState(id, subscribe);
      else this.#takeStream(id, subscribe);
      this.#started(id);
    }
    if (rpc !== undefined) this.#context.clock(this.#sentAt, rpc.data.time);
    if (push?.pub !== undefined) this.#context.published(push.channel, push.pub);
    if (push?.unsubscribe !== undefined) this.#unsubscribed(push.unsubscribe);
  }

  /** And asks for the time along with it: the clocks may have drifted apart. */
  #pong(): void {
    this.#socket.send("{}\n" + this.#timeCommand());
  }

  #timeCommand(): string {
    this.#sentAt = Date.now();
    return JSON.stringify({ id: timeId, rpc: { method: "time" } });
  }

  #connected({ ping, time }: NonNullable<Frame["connect"]>): void {
    if (time !== undefined) this.#context.clock(this.#sentAt, time);
    if (ping === undefined) return;
    this.#watchdog = new Watchdog(
      ping * 1_500,
      () => this.#end({ kind: "lost", reason: "no ping" }),
    );
  }

  #takeStream(id: number, reply: SubscribeReply): void {
    const channel = this.#channel(id);
    this.#context.started(channel, {
      position: positionOf(reply),
      ...(reply.was_recovering && { recovered: reply.recovered === true }),
    });
    for (const one of reply.publications ?? []) this.#context.published(channel, one);
  }

  #takeState(id: number, reply: SubscribeReply): void {
    const { started, published, page } = this.#context;
    const channel = this.#channel(id);
    const position = positionOf(reply);
    if (reply.recovered) {
      // The position is that after the publications.
      for (const one of reply.publications ?? []) published(channel, one);
      if (!this.#over) started(channel, { position, recovered: true });
      return;
    }
    const more = reply.phase === statePhase;
    if (!this.#paging.has(id)) started(channel, { position });
    this.#paging.add(id);
    page(channel, reply.state ?? [], more);
    if (more) this.#socket.send(this.#subscribe(id, { cursor: reply.cursor ?? "" }));
  }

  /** A state channel that cannot go on from where it was, once. */
  #mayBeginAnew(id: number | undefined, code: number): id is number {
    if (id === undefined || code !== unrecoverable) return false;
    if (!this.#context.isState(this.#channel(id)) || this.#anew.has(id)) return false;
    this.#anew.add(id);
    this.#paging.delete(id);
    return true;
  }

  #started(id: number): void {
    if (!this.#starting.delete(id) || this.#starting.size > 0 || this.#over) return;
    clearTimeout(this.#timer);
    // More exact than the connect reply, which came while the page was busy.
    this.#socket.send(this.#timeCommand());
    this.#context.up();
  }

  /** From 2500 on one may subscribe again: a new connection does, and recovers. */
  #unsubscribed({ code, reason }: { readonly code: number; readonly reason: string }): void {
    this.#end(code >= 2500 ? { kind: "lost", reason } : { kind: "refused", code, reason });
  }

  #end(why: Down): void {
    if (this.#over) return;
    this.close();
    this.#context.down(why);
  }
}

function positionOf({ epoch, offset = 0 }: SubscribeReply): StreamPosition | null {
  return epoch === undefined ? null : { epoch, offset };
}
