/** The client protocol over a WebSocket (PROTOCOL.md 2). */
import { downBy, downByError, type Link, type LinkContext, type WirePublication } from "./link.ts";
import type { Down } from "./state.ts";
import { Watchdog } from "./watchdog.ts";

/** A reply or a push, of which each has some. */
interface Frame {
  readonly id?: number;
  readonly error?: { readonly code: number; readonly message: string; readonly temporary?: true };
  readonly rpc?: { readonly data: { readonly time: number } };
  readonly connect?: { readonly ping?: number; readonly time?: number };
  readonly subscribe?: {
    readonly epoch?: string;
    readonly offset?: number;
    readonly was_recovering?: true;
    readonly recovered?: true;
    readonly publications?: readonly WirePublication[];
  };
  readonly push?: {
    readonly channel: string;
    readonly pub?: WirePublication;
    readonly unsubscribe?: { readonly code: number; readonly reason: string };
  };
}

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
  #starting: number;
  #watchdog: Watchdog | undefined;
  #sentAt = 0;
  #over = false;

  constructor(context: LinkContext) {
    this.#context = context;
    this.#starting = context.channels.length;
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
    const { token, channels, position } = this.#context;
    const commands: unknown[] = [{ id: connectId, connect: { token, name: "nhip" } }];
    for (const [i, channel] of channels.entries()) {
      const since = position(channel);
      const recover = since === undefined ? {} : { recover: true, ...since };
      commands.push({ id: firstChannelId + i, subscribe: { channel, ...recover } });
    }
    this.#sentAt = Date.now();
    this.#socket.send(commands.map((command) => JSON.stringify(command)).join("\n"));
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
      return this.#end(downByError(error.code, error.message, error.temporary === true));
    }
    if (connect !== undefined) this.#connected(connect);
    if (subscribe !== undefined && id !== undefined) {
      this.#subscribed(this.#context.channels[id - firstChannelId] ?? "", subscribe);
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

  #subscribed(channel: string, reply: NonNullable<Frame["subscribe"]>): void {
    const { epoch, offset = 0, publications = [] } = reply;
    this.#context.started(channel, {
      position: epoch === undefined ? null : { epoch, offset },
      ...(reply.was_recovering && { recovered: reply.recovered === true }),
    });
    for (const publication of publications) this.#context.published(channel, publication);
    if (--this.#starting > 0 || this.#over) return;
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
