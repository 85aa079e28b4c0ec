/**
 * Bare test clients over one interface, one file for each transport. They queue what arrives, so
 * that a test misses nothing, and count a message as had only when the test has taken it.
 */
import type { StreamPosition } from "../../../lib/protocol/publication.ts";
import type { TransportName } from "../../../lib/transport/transport.ts";

export interface OpenOptions {
  readonly channels: readonly string[];
  /** Where to go on from; a channel that is not in it starts from now. */
  readonly positions?: Positions;
  /** Go on from a cursor instead: Last-Event-ID on SSE, `cursor` on long-poll. */
  readonly cursor?: string;
  readonly token?: string;
  /** Seconds that a long-poll waits. */
  readonly wait?: number;
  /** What else the address says, on every transport. */
  readonly query?: Readonly<Record<string, string>>;
  /** Whose connections to use, so that a client stays with one isolate. */
  readonly http?: Deno.HttpClient;
}

export type Positions = ReadonlyMap<string, StreamPosition>;
export type OpenClient = (url: string, options: OpenOptions) => Promise<TestClient>;

/** Where a channel goes on from, as told by the server. */
export interface Started {
  /** null: the channel has no history. */
  readonly position: StreamPosition | null;
  /** Absent when no position was given. */
  readonly recovered?: boolean;
}

export interface Received {
  readonly channel: string;
  readonly data: unknown;
  /** null: it has no position. */
  readonly offset: number | null;
  /** Where the transport tells one after this message. */
  readonly cursor?: string;
}

export interface End {
  /** A disconnect code, an HTTP status, or 0 when the connection just broke. */
  readonly code: number;
  readonly reason: string;
}

export interface TestClient extends AsyncDisposable {
  readonly transport: TransportName;
  /** Of each channel, as told last. */
  readonly started: ReadonlyMap<string, Started>;
  /** The next message. @throws Ended when there is none left and none will come. */
  next(withinMs?: number): Promise<Received>;
  /** `next`, again and again, until the client ends. */
  messages(): AsyncIterable<Received>;
  /** After the last message that was taken, on any transport. */
  positions(): Positions;
  /** The cursor after the last message that was taken; "" where there is none. */
  readonly cursor: string;
  /** Resolves when the server, or disposing, ended it. */
  readonly closed: Promise<End>;
}

/** The server refused: an error reply, a close or a problem answer. */
export class Refused extends Error {
  override readonly name = "Refused";
  /** Of the error table, or the close code. */
  readonly code: number | undefined;
  /** 0 on a WebSocket. */
  readonly status: number;

  constructor(message: string, code: number | undefined, status = 0) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export class Ended extends Error {
  override readonly name = "Ended";
  readonly end: End;

  constructor(end: End) {
    super(`the client has ended: ${end.code} ${end.reason}`);
    this.end = end;
  }
}

/** `channels=` of `/v1/events`, and `since=` where positions are given. */
export function eventsQuery(options: OpenOptions): URLSearchParams {
  const { channels, positions, token } = options;
  const list = channels.map(encodeURIComponent).join(",");
  const query = new URLSearchParams({ ...options.query, channels: list });
  if (positions !== undefined) {
    const items = channels.map((channel) => {
      const position = positions.get(channel);
      return position === undefined ? "" : `${position.epoch}:${position.offset}`;
    });
    query.set("since", items.join(","));
  }
  if (token !== undefined) query.set("token", token);
  return query;
}

/** @throws Refused for any answer that is not 200; its body has been read then. */
export async function accepted(response: Response): Promise<Response> {
  if (response.status === 200) return response;
  const text = await response.text();
  const problem = (text.startsWith("{") ? JSON.parse(text) : {}) as {
    code?: number;
    detail?: string;
  };
  throw new Refused(problem.detail ?? text, problem.code, response.status);
}
