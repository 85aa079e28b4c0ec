/**
 * The whole client for browsers, Deno and Node: streams and state channels, calls, and what makes it
 * fit for phones and bad networks.
 */
import type {
  Channel,
  ChannelTypes,
  Client,
  ConnectOptions,
  DataOf,
  StateChannel,
  StateName,
  StreamName,
  TransportName,
  Typed,
} from "./api.ts";
import { type CallOptions, Calls, knownMs } from "./calls.ts";
import { checkOptions, rootOf } from "./check.ts";
import { StreamChannel } from "./channel.ts";
import { ServerClock } from "./clock.ts";
import type { Openers } from "./connections.ts";
import { CoreClient, network } from "./core.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Host } from "./host.ts";
import {
  type Command,
  type Countable,
  type Link,
  lost,
  type Reply,
  type WirePublication,
} from "./link.ts";
import { Memory } from "./memory.ts";
import { isOffline, savesData, watchPage } from "./page.ts";
import { postCommands } from "./post.ts";
import { QualityMeter } from "./quality.ts";
import { refusal } from "./refusal.ts";
import type { Down } from "./state.ts";
import { KeyedChannel } from "./state_channel.ts";

const encoder = new TextEncoder();
/** Two clocks drift apart: the server's is asked for anew after so long. */
const clockMs = 60_000;
/** A request that failed is made again after so long, unless the server says when. */
const retryMs = 1_000;

export { network };

/**
 * A client of the server at `url`, its root such as `https://shop.example/`, or in a page an address
 * relative to the page's. It connects when something is subscribed to, and stays connected until
 * nothing is, or it is closed or refused.
 *
 * @throws TypeError that says which option cannot be.
 */
export function connect<Types extends Typed<Types> = ChannelTypes>(
  url: string | URL,
  options: ConnectOptions = {},
): Client<Types> {
  checkOptions(options);
  return new RunningClient<Types>(rootOf(url), options, network);
}

export class RunningClient<Types extends Typed<Types>> extends CoreClient
  implements Client<Types>, Host {
  readonly quality = new QualityMeter((channel) => this.feed(channel) !== undefined);
  readonly #url: URL;
  readonly #windowMs: number;
  readonly #memory: Memory;
  readonly #calls = new Calls(() => this.nextId(), (inMs) => this.#flushIn(inMs));
  readonly #clock = new ServerClock();
  #clockAt = 0;
  /** Of the keys by which the server knows what is published. */
  readonly #name = crypto.getRandomValues(new Uint32Array(4)).join("-");
  readonly #stopWatching: () => void;
  #flushing: ReturnType<typeof setTimeout> | undefined;
  #flushAt = Infinity;
  /** What calls went by last, where that was a connection. */
  #link: Link | undefined;
  /** The request for calls that is under way; others may still wait for their answers. */
  #request: AbortController | undefined;
  readonly #requests = new Map<AbortController, Promise<void>>();

  constructor(url: URL, options: ConnectOptions, openers: Openers) {
    const { batchWindow = 0, maxRate = savesData() ? 1 : undefined } = options;
    const memory = new Memory(options.memory, url);
    super(url, options, openers, {
      remembered: memory.recall(),
      heartbeat: new Heartbeat(),
      query: batchWindow > 0 ? { batch: `${batchWindow}` } : {},
      maxRate,
    });
    this.#url = url;
    this.#windowMs = batchWindow;
    this.#memory = memory;
    this.#stopWatching = watchPage((event) => this.connections.tell(event));
    this.status.subscribe((status) => {
      // Without a connection they go by requests.
      if (status.name === "idle") this.#flush();
      if (status.name === "closed") {
        this.#stopWatching();
        this.#calls.fail({ code: status.code, message: status.reason });
      } else if (status.name === "connecting" && isOffline()) {
        this.connections.tell({ kind: "network", on: false });
      }
    });
  }

  channel<Name extends StreamName<Types>>(name: Name): Channel<DataOf<Types, Name>> {
    // The wire's data gets the type that the application gives the channel.
    return new StreamChannel(this, name) as unknown as Channel<DataOf<Types, Name>>;
  }

  state<Name extends StateName<Types>>(name: Name): StateChannel<DataOf<Types, Name>> {
    return new KeyedChannel(this, name) as unknown as StateChannel<DataOf<Types, Name>>;
  }

  async rpc(method: string, data?: unknown): Promise<unknown> {
    const result = await this.call({ rpc: { method, data } }, { repeatsMs: 0 });
    return (result as { readonly data?: unknown }).data;
  }

  /** The page is looked at again. */
  wake(): void {
    this.connections.tell({ kind: "wake" });
  }

  override async close(): Promise<void> {
    const closed = super.close();
    for (const request of this.#requests.keys()) request.abort();
    clearTimeout(this.#flushing);
    this.quality.close();
    await Promise.all([closed, ...this.#requests.values()]);
  }

  async call(command: Command, options?: CallOptions): Promise<unknown> {
    const { value } = this.status;
    if (value.name === "closed") throw refusal(value.code, value.reason);
    return await this.#calls.call(command, options);
  }

  publish(publication: Command, options?: CallOptions): Promise<unknown> {
    const idempotency_key = `${this.#name} ${this.nextId()}`;
    const command = { publish: { ...publication, idempotency_key } };
    return this.call(command, { ...options, repeatsMs: knownMs });
  }

  override replied(reply: Reply): void {
    this.#calls.reply({ ...reply });
  }

  override counted(received: Countable, sent: Countable): void {
    this.quality.counted(bytesOf(received), bytesOf(sent));
  }

  override using(transport: TransportName | undefined): void {
    this.quality.connected(transport);
    if (this.#link !== undefined) this.#calls.lost(this.#link);
    this.#link = this.connections.current?.link;
    if (transport === undefined) return;
    // Nobody waits for a request that may be lost; what it still answers is welcome.
    if (this.#request !== undefined) this.#calls.moved(this.#request);
    this.#request = undefined;
    this.#memory.note(transport);
    this.#askTime();
    this.#flush();
  }

  override latency(channel: string, publication: WirePublication): number | undefined {
    const { latencyMs = this.#latency(publication) } = publication;
    if (latencyMs !== undefined) this.quality.received(channel, latencyMs);
    return latencyMs;
  }

  /** Of what was published before this connection was up, it would tell how long that was away. */
  #latency({ time }: WirePublication): number | undefined {
    const { upAt } = this.connections.current ?? {};
    if (time === undefined || upAt === undefined) return undefined;
    const receivedAt = Date.now();
    if (receivedAt - this.#clockAt > clockMs) this.#askTime();
    this.#clock.sample(null, receivedAt, time);
    const up = this.#clock.at(upAt);
    const now = this.#clock.at(receivedAt);
    if (up === undefined || now === undefined || time < up) return undefined;
    return Math.max(0, Math.round(now - time));
  }

  /** Without the server's time nothing but the latency is unknown. */
  #askTime(): void {
    const sentAt = this.#clockAt = Date.now();
    this.rpc("time").then((answer) => {
      const { time } = answer as { readonly time: number };
      // One that waited to be sent says too little.
      if (Date.now() - sentAt < clockMs) this.#clock.sample(sentAt, Date.now(), time);
    }).catch(() => {});
  }

  #flushIn(ms: number): void {
    const inMs = Math.max(ms, this.#windowMs);
    const at = Date.now() + inMs;
    if (at >= this.#flushAt) return;
    this.#flushAt = at;
    clearTimeout(this.#flushing);
    this.#flushing = setTimeout(() => this.#flush(), inMs);
  }

  /** Sends what waits, over the WebSocket, or by a request where there is none. */
  #flush(): void {
    this.#flushAt = Infinity;
    const link = this.connections.current?.link;
    if (link?.send !== undefined) {
      const { send } = link;
      for (;;) {
        const text = this.#calls.take(link);
        if (text === "") break;
        send.call(link, text);
      }
    } else if (link !== undefined || this.status.value.name === "idle") {
      const { readyInMs } = this.#calls;
      if (this.#request !== undefined || readyInMs === undefined) return;
      if (readyInMs > 0) this.#flushIn(readyInMs);
      else this.#post(this.#request = new AbortController());
    }
  }

  #post(request: AbortController): void {
    const ended = this.#postAll(request).then(() => {
      this.#requests.delete(request);
      if (this.#request !== request) return;
      this.#request = undefined;
      // Some may have come after the last look.
      this.#flush();
    });
    this.#requests.set(request, ended);
  }

  /** One request after the other: what is published stays in order. Never rejects. */
  async #postAll(request: AbortController): Promise<void> {
    const { environment, tokens } = this.connections;
    const asked = tokens.get();
    const counted = this.counted.bind(this);
    try {
      const context = { url: this.#url, token: await asked, environment, counted };
      while (request === this.#request) {
        const text = this.#calls.take(request);
        if (text === "") return;
        const answer = await postCommands(context, text, request);
        if ("kind" in answer) return this.#notAnswered(request, tokens.renewed(answer, asked));
        tokens.proven();
        for (const line of answer) this.#calls.reply(JSON.parse(line));
        this.#calls.fail({ code: 0, message: "the answer is missing" }, request);
      }
    } catch (error) {
      this.#notAnswered(request, lost(error));
    }
  }

  #notAnswered(request: AbortController, why: Down): void {
    if (why.kind === "refused") this.#calls.fail({ code: why.code, message: why.reason }, request);
    else if (why.again) this.#calls.undone(request);
    // Where calls go another way by now, that one is not held up.
    else this.#calls.lost(request, request === this.#request ? why.afterMs || retryMs : 0);
  }
}

function bytesOf(what: Countable): number {
  return typeof what === "number" ? what : encoder.encode(what).length;
}
