/** The client protocol over a WebSocket (PROTOCOL.md 2). */
import type { Socket } from "./api.ts";
import { deferred } from "./deferred.ts";
import {
  addressOf,
  type Command,
  downBy,
  downByError,
  type Link,
  type LinkContext,
  lost,
  type Opening,
  refusalOf,
  type Reply,
  silent,
  type SubscribeReply,
  type WireError,
  type WirePublication,
} from "./link.ts";
import type { Down } from "./state.ts";
import { Watchdog } from "./watchdog.ts";

/** A reply or a push, of which each has some. */
interface Frame extends Reply {
  readonly connect?: { readonly ping?: number };
  readonly subscribe?: SubscribeReply;
  readonly push?: {
    readonly channel: string;
    readonly pub?: WirePublication;
    readonly unsubscribe?: { readonly code: number; readonly reason: string };
  };
}

/** How soon a connection that is alive answers. */
const checkMs = 3_000;
/** How long its close is waited for. */
const closeMs = 3_000;

export function openWebSocket(context: LinkContext): Link {
  return new WebSocketLink(context);
}

class WebSocketLink implements Link {
  readonly #context: LinkContext;
  readonly #socket: Socket;
  readonly #gone = deferred<void>();
  readonly #watchdog: Watchdog;
  /** undefined: it has started. */
  readonly #channels = new Map<string, Opening | undefined>();
  /** Who waits for the reply with this id. */
  readonly #waiting = new Map<number, (reply: Frame) => void>();
  /** Milliseconds of silence after which it is dead. */
  #silenceMs = 0;
  #state: "opening" | "connected" | "up" = "opening";

  constructor(context: LinkContext) {
    this.#context = context;
    const url = addressOf(context, "connection/websocket", context.query);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = this.#socket = new context.environment.WebSocket(url);
    this.#watchdog = new Watchdog(context.timing.openMs, () => context.down(silent));
    const gone = (why: Down) => {
      this.#gone.resolve();
      context.down(why);
    };
    socket.onopen = () => this.#greet();
    socket.onmessage = ({ data }) => this.#receive(String(data));
    // In Node no close follows.
    socket.onerror = () => gone(lost("no socket"));
    socket.onclose = ({ code, reason }) => gone(downBy(code, reason));
  }

  update(): void {
    if (this.#state === "opening") return;
    const commands = this.#changes();
    if (commands.length > 0) this.send(commands.join("\n"));
    // What was waited for may have been unsubscribed from.
    this.#up();
  }

  send(commands: string): void {
    this.#context.counted(0, commands);
    this.#socket.send(commands);
  }

  check(): void {
    this.#watchdog.heard(checkMs);
    const answered = () => this.#watchdog.heard(this.#silenceMs);
    this.send(this.#ask({ rpc: { method: "time" } }, answered));
  }

  close(): Promise<void> {
    this.#watchdog.stop();
    this.#socket.onopen = this.#socket.onmessage = null;
    this.#socket.close();
    // Where the way is dark, nobody answers.
    const timer = setTimeout(this.#gone.resolve, closeMs);
    return this.#gone.promise.then(() => clearTimeout(timer));
  }

  #ask(command: Command, heard: (reply: Frame) => void): string {
    const id = this.#context.nextId();
    this.#waiting.set(id, heard);
    return JSON.stringify({ id, ...command });
  }

  /** Connects and subscribes in one frame: one round trip. */
  #greet(): void {
    const { token, heartbeat, down } = this.#context;
    const connect = this.#ask({ connect: { token } }, ({ error, connect }) => {
      if (error !== undefined) return down(downByError(error));
      this.#state = "connected";
      this.#silenceMs = (connect?.ping ?? heartbeat) * 1_500;
      // Others may be wanted by now.
      this.update();
    });
    this.send([connect, ...this.#changes()].join("\n"));
  }

  /** What makes the subscriptions those that are wanted. */
  #changes(): string[] {
    const now = new Map(this.#context.wanted().map((one) => [one.channel, one]));
    const commands: string[] = [];
    for (const channel of this.#channels.keys()) {
      if (now.has(channel)) continue;
      this.#channels.delete(channel);
      commands.push(this.#ask({ unsubscribe: { channel } }, () => {}));
    }
    for (const [channel, one] of now) {
      if (!this.#channels.has(channel)) commands.push(this.#subscribe(channel, one.opening()));
    }
    return commands;
  }

  #subscribe(channel: string, opening: Opening): string {
    this.#channels.set(channel, opening);
    const subscribe = opening.command(this.#context.maxRate);
    return this.#ask({ subscribe }, (reply) => {
      if (this.#channels.get(channel) === opening) this.#started(channel, opening, reply);
    });
  }

  #started(channel: string, opening: Opening, { error, subscribe = {} }: Frame): void {
    const start = error === undefined ? opening.reply(subscribe) : undefined;
    if (start !== undefined) {
      this.#channels.set(channel, undefined);
      return this.#context.started(channel, start);
    }
    if (error?.temporary) return this.#context.down(downByError(error));
    if (error !== undefined && !opening.mayFollow?.(error)) return this.#refuse(channel, error);
    this.send(this.#subscribe(channel, opening));
  }

  #refuse(channel: string, error: WireError): void {
    this.#channels.delete(channel);
    this.#context.refused(channel, refusalOf(error));
  }

  #receive(text: string): void {
    this.#context.counted(text, 0);
    this.#watchdog.heard();
    try {
      for (const line of text.split("\n")) {
        if (line === "{}") this.send(line);
        else if (line !== "") this.#take(JSON.parse(line));
      }
    } catch (error) {
      // Somebody on the way speaks another protocol.
      this.#context.down(lost(error));
    }
  }

  #take(frame: Frame): void {
    const { id = 0, push } = frame;
    const heard = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (push !== undefined) this.#pushed(push);
    else if (heard === undefined) this.#context.replied(frame);
    else heard(frame);
    this.#up();
  }

  #pushed({ channel, pub, unsubscribe }: NonNullable<Frame["push"]>): void {
    // What comes before the reply is of an earlier subscription.
    if (!this.#channels.has(channel) || this.#channels.get(channel)) return;
    if (pub !== undefined) return this.#context.published(channel, pub);
    if (unsubscribe === undefined) return;
    const { code, reason } = unsubscribe;
    if (code < 2500) return this.#refuse(channel, { code, message: reason });
    // One may subscribe again: a new connection does, and recovers.
    this.#context.down(lost(reason));
  }

  #up(): void {
    if (this.#state !== "connected" || [...this.#channels.values()].some(Boolean)) return;
    this.#state = "up";
    this.#watchdog.heard(this.#silenceMs);
    this.#context.up();
  }
}
