/**
 * Everything an application sees of the client. Types alone, and none but these and those of
 * platform.ts: what `/client.d.ts` and the npm package declare is made of both files.
 */
import type { FetchAnswer, FetchInit, Notes, Socket } from "./platform.ts";
export type * from "./platform.ts";

/** What the channels of one namespace carry, and whether they are state channels. */
export interface ChannelType {
  readonly data: unknown;
  readonly keyed: boolean;
}

/** Of any server: names are not checked, and data is unknown. */
export interface ChannelTypes {
  readonly [namespace: string]: ChannelType;
}

/**
 * What the namespaces of a server carry, as a type or an interface of the application's:
 * `{ chat: { data: Message; keyed: false } }`. Where there is a namespace `""`, of channels without
 * a prefix, any name compiles: the data of those with a prefix that is not there is unknown.
 */
export type Typed<Types> = { readonly [Namespace in keyof Types]: ChannelType };

type Named<Types extends Typed<Types>, Keyed extends boolean> = string extends keyof Types ? string
  : {
    [Name in keyof Types & string]: Types[Name]["keyed"] extends Keyed
      ? Name extends "" ? string : `${Name}:${string}`
      : never;
  }[keyof Types & string];

/** The names of plain channels. */
export type StreamName<Types extends Typed<Types>> = Named<Types, false>;
/** The names of state channels, whose publications have keys. */
export type StateName<Types extends Typed<Types>> = Named<Types, true>;
export type DataOf<Types extends Typed<Types>, Name extends string> = Name extends
  `${infer Namespace}:${string}` ? DataIn<Types, Namespace> : DataIn<Types, "">;
type DataIn<Types extends Typed<Types>, Namespace> = Namespace extends keyof Types
  ? Types[Namespace]["data"]
  : unknown;

/** A value that can be watched: Preact's signals and Svelte's stores have this form, too. */
export interface Watchable<Value> {
  readonly value: Value;
  /** Calls the listener now and whenever the value has changed. Returns what ends that. */
  subscribe(listener: (value: Value) => void): () => void;
}

/** Names one publication of one life of a stream. */
export interface StreamPosition {
  readonly epoch: string;
  readonly offset: number;
}

/** Best first. */
export type TransportName = "websocket" | "sse" | "long_poll";

export type Status =
  /** Nothing is subscribed to. */
  | { readonly name: "idle" }
  | { readonly name: "connecting" }
  | { readonly name: "online"; readonly transport: TransportName }
  /** Until the next attempt. */
  | { readonly name: "waiting"; readonly reason: string }
  /** The device has no network, or the page is asleep. */
  | { readonly name: "offline" }
  /** For good: by the application (code 0), or because the server said not to come back. */
  | { readonly name: "closed"; readonly code: number; readonly reason: string };

export interface Quality {
  /** undefined while there is no connection. */
  readonly transport: TransportName | undefined;
  /** Connections after the first one. */
  readonly reconnects: number;
  /** Changes to another transport. */
  readonly moves: number;
  /** Bytes of messages and of HTTP bodies; what carries them (headers, frames, TLS) is not counted. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** From publish to receipt in milliseconds, by channel. */
  readonly latency: Readonly<Record<string, Latency>>;
}

export interface Latency {
  readonly last: number;
  /** Of the last few dozen publications, later ones count more. */
  readonly mean: number;
}

/** Who published, or who is present. */
export interface ClientInfo {
  readonly user: string;
  readonly client: string;
  readonly conn_info?: unknown;
  readonly chan_info?: unknown;
}

/** How and when something was published. */
export interface Particulars {
  /** undefined in a namespace without history. */
  readonly offset: number | undefined;
  /** Unix milliseconds by the server's clock. */
  readonly time: number | undefined;
  /** undefined when a back end published it. */
  readonly info: ClientInfo | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
  /** From publish to receipt; undefined where it was missed at first, or cannot be told. */
  readonly latencyMs: number | undefined;
}

export interface Publication<Data> extends Particulars {
  readonly channel: string;
  readonly data: Data;
}

/** One key of a state channel has another value. */
export interface Change<Data> extends Particulars {
  readonly key: string;
  /** undefined: the key is gone. */
  readonly data: Data | undefined;
  /** undefined: the key is new. */
  readonly before: Data | undefined;
  /** All there is after the change. */
  readonly entries: ReadonlyMap<string, Data>;
}

/** What the server answered; `code` is one of the protocol's (section 2.3 of its description). */
export interface Refusal extends Error {
  readonly code: number;
}

export interface Subscription {
  /** Resolves when the server has begun to send; rejects with a Refusal when it will not. */
  readonly ready: Promise<void>;
  unsubscribe(): void;
}

export interface SubscribeOptions {
  /** Goes on after this position; heeded where the channel is not subscribed to yet. */
  readonly since?: StreamPosition;
  /** Publications were lost for good: time to load again what they were about. It goes on from now. */
  readonly onGap?: () => void;
  /** The server ended the subscription, or refused it. */
  readonly onRefused?: (refusal: Refusal) => void;
}

/** What a callback throws is reported as an uncaught error and stops nothing. */
export interface StateListener<Data> {
  /** All there is: at first, and again where the changes since cannot be told. */
  readonly onSync?: (entries: ReadonlyMap<string, Data>) => void;
  readonly onChange?: (change: Change<Data>) => void;
  readonly onRefused?: (refusal: Refusal) => void;
}

export interface History<Data> {
  readonly publications: readonly Publication<Data>[];
  /** The head of the stream. */
  readonly position: StreamPosition;
}

export interface HistoryOptions {
  /** At most 300, which is also what is given when it is absent. */
  readonly limit?: number;
  /** Exclusive. */
  readonly since?: StreamPosition;
  /** Newest first. */
  readonly reverse?: boolean;
}

/** A stream that is listened to: every publication once, in order. */
export interface StreamSource<Data> {
  readonly name: string;
  /** How far it has been delivered. */
  readonly position: StreamPosition | undefined;
  subscribe(
    listener: (publication: Publication<Data>) => void,
    options?: SubscribeOptions,
  ): Subscription;
}

/** A stream. */
export interface Channel<Data> extends StreamSource<Data> {
  subscribe(
    listener: (publication: Publication<Data>) => void,
    options?: SubscribeOptions,
  ): Subscription;
  /**
   * To be read by `for await`; leaving the loop ends the subscription. What is not read waits, up to
   * 10,000 publications: then, and when the subscription is refused, the loop throws.
   */
  subscribe(options?: SubscribeOptions): Subscription & AsyncIterable<Publication<Data>>;
  /**
   * Resolves when the server has it. Kept while there is no connection and sent once, however often
   * that takes. Rejects with a Refusal, or when the client is closed.
   */
  publish(data: Data): Promise<void>;
  /** By connection. */
  presence(): Promise<Readonly<Record<string, ClientInfo>>>;
  history(options?: HistoryOptions): Promise<History<Data>>;
}

/** A state channel: the latest value of each key. */
export interface StateChannel<Data> {
  readonly name: string;
  readonly position: StreamPosition | undefined;
  /** undefined before it is first known, and without a subscription. */
  readonly entries: ReadonlyMap<string, Data> | undefined;
  subscribe(listener: StateListener<Data>): Subscription;
  /** To be read by `for await`: all there is, whenever it has changed since it was last read. */
  subscribe(): Subscription & AsyncIterable<ReadonlyMap<string, Data>>;
  /** As with `Channel`; of several values of one key that wait to be sent, the last one is. */
  publish(key: string, data: Data, options?: StatePublishOptions): Promise<void>;
  remove(key: string): Promise<void>;
  presence(): Promise<Readonly<Record<string, ClientInfo>>>;
}

export interface StatePublishOptions {
  /** At most one value of the key in so many milliseconds, the latest: for positions of a vehicle. */
  readonly everyMs?: number;
}

/** A client that only listens to streams: what `/client/streams.js` gives. */
export interface StreamsClient<Types extends Typed<Types> = ChannelTypes> {
  readonly status: Watchable<Status>;
  channel<Name extends StreamName<Types>>(name: Name): StreamSource<DataOf<Types, Name>>;
  /** Resolves when nothing is left open. */
  close(): Promise<void>;
}

export interface Client<Types extends Typed<Types> = ChannelTypes> extends StreamsClient<Types> {
  /** Changes at most four times a second. */
  readonly quality: Watchable<Quality>;
  channel<Name extends StreamName<Types>>(name: Name): Channel<DataOf<Types, Name>>;
  state<Name extends StateName<Types>>(name: Name): StateChannel<DataOf<Types, Name>>;
  /** Resolves with the `data` of the answer. Not tried again when the connection is lost meanwhile. */
  rpc(method: string, data?: unknown): Promise<unknown>;
}

export interface StreamsOptions {
  /** A connection token, or who gives one: asked at first and when the last one has expired. */
  readonly token?: string | (() => string | Promise<string>);
  /** Best first; all of them when absent. */
  readonly transports?: readonly TransportName[];
  readonly backoff?: Backoff;
  readonly timing?: Partial<Timing>;
  readonly environment?: Partial<Environment>;
}

export interface ConnectOptions extends StreamsOptions {
  /** Of state channels: at most so many updates a second, where the server allows it. */
  readonly maxRate?: number;
  /**
   * Milliseconds (10 to 1,000) in which both sides gather what they send: on mobile devices the radio
   * wakes up less often. Absent or 0: everything goes at once.
   */
  readonly batchWindow?: number;
  /** Where to note what has worked; `localStorage` when absent, null: nowhere. */
  readonly memory?: Notes | null;
}

/** How long to wait before trying again: anywhere from 0 to a bound that doubles. */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Milliseconds; the defaults suit most networks. */
export interface Timing {
  /** A transport that has not carried all subscriptions by then is given up. */
  readonly openMs: number;
  /** When one takes longer than this, the next is tried beside it. */
  readonly hedgeMs: number;
  /** An event stream's probe that is later than this has been held back on the way. */
  readonly probeMs: number;
  /** How long a long-poll asks the server to wait. */
  readonly pollMs: number;
  /** How soon a better transport is tried again; longer each time it was in vain. */
  readonly returnMs: number;
}

/** What the client needs of the platform. */
export interface Environment {
  readonly fetch: (url: URL, init: FetchInit) => Promise<FetchAnswer>;
  /** The platform's, or another such as npm's `ws`. */
  readonly WebSocket: new (url: URL) => Socket;
  /** From 0 to below 1. */
  readonly random: () => number;
}
