/** What an application gives the client, and is given by it. */
import type { ClientInfo, StreamPosition, Tags } from "../protocol/publication.ts";
import type { Backoff } from "./backoff.ts";
import type { Environment, Timing } from "./link.ts";
import type { State, TransportName } from "./state.ts";

/** What each channel carries, by its name: `{ "chat:help": ChatMessage }`. */
export type Feed = Record<string, unknown>;

/** How and when something was published. */
export interface Particulars {
  /** undefined in a namespace without history. */
  readonly offset: number | undefined;
  readonly time: number | undefined;
  readonly info: ClientInfo | undefined;
  readonly tags: Tags | undefined;
  /** From publish to receipt; undefined where it was missed at first, or cannot be told. */
  readonly latencyMs: number | undefined;
}

export type Publication<F extends Feed> = {
  [Channel in keyof F & string]:
    & { readonly channel: Channel; readonly data: F[Channel] }
    & Particulars;
}[keyof F & string];

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

export interface StateListener<Data> {
  /** All there is: at first, and again where the changes since cannot be told. */
  readonly onSync: (entries: ReadonlyMap<string, Data>) => void;
  readonly onChange: (change: Change<Data>) => void;
}

/** What a callback throws is reported as an uncaught error and stops nothing. */
export interface ClientOptions<F extends Feed> {
  /** The server's root, such as `https://shop.example/`. */
  readonly url: string | URL;
  /** Streams; with `states` at most 32. */
  readonly channels?: readonly (keyof F & string)[];
  /** State channels. */
  readonly states?: { readonly [Channel in keyof F & string]?: StateListener<F[Channel]> };
  /** Where to go on from; a stream without a position here starts from now. */
  readonly since?: { readonly [Channel in keyof F & string]?: StreamPosition };
  /** A connection token, or who gives one: asked at first and when the last one has expired. */
  readonly token?: string | (() => string | Promise<string>);
  readonly onPublication?: (publication: Publication<F>) => void;
  readonly onState?: (state: State) => void;
  /** Publications of this stream were lost for good. It goes on from now. */
  readonly onGap?: (channel: keyof F & string) => void;
  /** Best first. */
  readonly transports?: readonly TransportName[];
  readonly backoff?: Backoff;
  readonly timing?: Partial<Timing>;
  readonly environment?: Partial<Environment>;
}
