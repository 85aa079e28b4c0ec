/** The client protocol over a WebSocket (PROTOCOL.md 2). */
import {
  downBy,
  downByError,
  type Link,
  type LinkContext,
  lost,
  refusalOf,
  type Reply,
  silent,
  type Wanted,
  type WirePublication,
} from "./link.ts";
import { positionOf } from "./http.ts";
import type { Down } from "./state.ts";
import { Watchdog } from "./watchdog.ts";

/** A reply or a push, of which each has some. */
interface Frame extends Reply {
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
/** How soon a connection that is alive answers. */
const checkMs = 3_000;

/** A channel whose subscribe command is not answered, or not in full. */
interface Starting {
  readonly wanted: Wanted;
  readonly entries: WirePublication[];
  /** Whether its position has been refused. */
  anew: boolean;
}

const encoder = new TextEncoder();

export function openWebSocket(context: LinkContext): Link {
  return new WebSocketLink(context);
}

class WebSocketLink implements Link {
  readonly #context: LinkContext;
  readonly #socket: WebSocket;
  readonly #gone = Promise.withResolvers<void>();
  readonly #watchdog: Watchdog;
  readonly #channels = new Set<string>();
  /** By the id of the command. */
  readonly #starting = new Map<number, Starting>();
  #connectId = 0;
  #timeId = 0;
  #sentAt = 0;
  /** Milliseconds of silence after which it is dead, once it is up. */
  #silenceMs = 0;
  #state: "opening" | "connected" | "up" | "over" = "opening";

  constructor(context: LinkContext) {
    this.#context = context;
    const url = new URL("connection/websocket", context.url);
    url.protocol = url.protocol.replace("http", "ws");
    for (const [name, value] of Object.entries(context.query)) url.searchParams.set(name, value);
    this.#socket = new context.environment.WebSocket(url);
    this.#watchdog = new Watchdog(
      context.timing.openMs,
      () => this.#end(silent),
    );
    this.#socket.onopen = () => this.#greet();
    this.#socket.onmessage = ({ data }) => this.#receive(String(data));
    this.#socket.onerror = () => {}; // A close follows.
    this.#socket.onclose = ({ code, reason }) => {
      this.#gone.resolve();
      this.#end(downBy(code, reason));
    };
  }

  update(): void {
    if (this.#state !== "connected" && this.#state !== "up") return;
    const commands = this.#changes();
    if (commands.length > 0) this.send(commands.join("\n"));
    // What was waited for may have been unsubscribed from.
    this.#up();
  }

  send(commands: string): void {
    this.#context.counted(0, encoder.encode(commands).length);
    this.#socket.send(commands);
  }

  check(): void {
    if (this.#state !== "up") return;
    this.#watchdog.heard(checkMs);
    this.send(this.#timeCommand());
  }

  close(): Promise<void> {
    this.#state = "over";
    this.#watchdog.stop();
    this.#socket.close();
    return this.#gone.promise;
  }

  /** Connects and subscribes in one frame: one round trip. */
  #greet(): void {
    if (this.#state !== "opening") return;
    const { token, nextId } = this.#context;
    this.#connectId = nextId();
    const connect = JSON.stringify({ id: this.#connectId, connect: { token, name: "nhip" } });
    const commands = this.#changes();
    this.#state = "connected";
    this.#sentAt = Date.now();
    this.send([connect, ...commands].join("\n"));
  }

  /** What makes the subscriptions those that are wanted. */
  #changes(): string[] {
    const { wanted, nextId } = this.#context;
    const now = new Map(wanted().map((one) => [one.channel, one]));
    const commands: string[] = [];
    for (const channel of this.#channels) {
      if (now.has(channel)) continue;
      this.#forget(channel);
      commands.push(JSON.stringify({ id: nextId(), unsubscribe: { channel } }));
    }
    for (const one of now.values()) {
      if (this.#channels.has(one.channel)) continue;
      this.#channels.add(one.channel);
      commands.push(this.#subscribe({ wanted: one, entries: [], anew: false }));
    }
    return commands;
  }

  #forget(channel: string): void {
    this.#channels.delete(channel);
    for (const [id, { wanted }] of this.#starting) {
      if (wanted.channel === channel) this.#starting.delete(id);
    }
  }

  /** @param cursor of the page before. */
  #subscribe(starting: Starting, cursor?: string): string {
    const { wanted: { channel, keyed, position }, anew } = starting;
    const since = position !== undefined && !anew && { recover: true, ...position };
    const { maxRate } = this.#context;
    const id = this.#context.nextId();
    this.#starting.set(id, starting);
    const subscribe = {
      channel,
      ...(keyed && { type: mapType, phase: since ? streamPhase : statePhase }),
      ...(keyed && maxRate !== undefined && { data: { maxRate } }),
      ...(cursor === undefined ? since : { cursor }),
    };
    return JSON.stringify({ id, subscribe });
  }

  #receive(text: string): void {
    this.#context.counted(encoder.encode(text).length, 0);
    this.#watchdog.heard(this.#state === "up" ? this.#silenceMs : undefined);
    try {
      for (const line of text.split("\n")) {
        if (this.#state === "over") return;
        if (line === "{}") this.#pong();
        else if (line !== "") this.#take(JSON.parse(line));
      }
    } catch (error) {
      // Somebody on the way speaks another protocol.
      this.#end(lost(error));
    }
  }

  #take(frame: Frame): void {
    const { id = 0, error, connect, rpc, push } = frame;
    const starting = this.#starting.get(id);
    if (push !== undefined) this.#pushed(push);
    else if (starting !== undefined) this.#started(id, starting, frame);
    else if (id === this.#connectId && error !== undefined) this.#end(downByError(error));
    else if (connect !== undefined) this.#connected(connect);
    else if (id === this.#timeId && rpc !== undefined) {
      this.#context.clock(this.#sentAt, rpc.data.time);
    } else this.#context.replied(frame);
  }

  #pushed({ channel, pub, unsubscribe }: NonNullable<Frame["push"]>): void {
    if (!this.#channels.has(channel)) return;
    if (pub !== undefined) return this.#context.published(channel, pub);
    if (unsubscribe === undefined) return;
    const { code, reason } = unsubscribe;
    // From 2500 on one may subscribe again: a new connection does, and recovers.
    if (code >= 2500) return this.#end(lost(reason));
    this.#refuse(channel, { code, message: reason });
  }

  /** And asks for the time along with it: the clocks may have drifted apart. */
  #pong(): void {
    this.send("{}\n" + this.#timeCommand());
  }

  #timeCommand(): string {
    this.#sentAt = Date.now();
    this.#timeId = this.#context.nextId();
    return JSON.stringify({ id: this.#timeId, rpc: { method: "time" } });
  }

  #connected({ ping, time }: NonNullable<Frame["connect"]>): void {
    if (time !== undefined) this.#context.clock(this.#sentAt, time);
    this.#silenceMs = (ping ?? this.#context.heartbeat) * 1_500;
    this.#up();
  }

  #started(id: number, starting: Starting, { error, subscribe }: Frame): void {
    this.#starting.delete(id);
    if (error !== undefined) return this.#failed(starting, error);
    if (subscribe === undefined) return;
    const { wanted: { channel, keyed }, entries } = starting;
    const { started, published } = this.#context;
    const { publications = [], state = [], phase, cursor = "", recovered } = subscribe;
    const position = positionOf(subscribe);
    if (keyed && !recovered) {
      entries.push(...state);
      if (phase === statePhase) return this.send(this.#subscribe(starting, cursor));
      started(channel, { position, entries });
    } else {
      const start = {
        position,
        ...(subscribe.was_recovering && { recovered: recovered === true }),
      };
      // The position of a state channel is that after the publications.
      if (!keyed) started(channel, start);
      for (const one of publications) published(channel, one);
      if (keyed) started(channel, start);
    }
    this.#up();
  }

  #failed(starting: Starting, error: NonNullable<Frame["error"]>): void {
    const { wanted: { channel, keyed }, anew } = starting;
    if (error.temporary) return this.#end(downByError(error));
    if (error.code === unrecoverable && keyed && !anew) {
      return this.send(this.#subscribe({ ...starting, entries: [], anew: true }));
    }
    this.#refuse(channel, error);
    this.#up();
  }

  #refuse(channel: string, error: NonNullable<Frame["error"]>): void {
    this.#forget(channel);
    this.#context.refused(channel, refusalOf(error));
  }

  #up(): void {
    const isConnected = this.#silenceMs > 0 && this.#starting.size === 0;
    if (!isConnected || this.#state !== "connected") return;
    this.#state = "up";
    this.#watchdog.heard(this.#silenceMs);
    // More exact than the connect reply, which came while the page was busy.
    this.send(this.#timeCommand());
    this.#context.up();
  }

  #end(why: Down): void {
    if (this.#state === "over") return;
    this.close();
    this.#context.down(why);
  }
}
