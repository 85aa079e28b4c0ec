/** A place in a stream: `epoch` names one life of it, `offset` counts 1, 2, 3 … within that life. */
export interface StreamPosition {
  readonly epoch: string;
  readonly offset: number;
}

/** Who published or is present, as the wire has it. */
export interface ClientInfo {
  readonly user: string;
  readonly client: string;
  readonly conn_info?: unknown;
  readonly chan_info?: unknown;
}

/** Somebody came to a channel or left it. */
export interface Signal {
  readonly kind: "join" | "leave";
  readonly info: ClientInfo;
}

export type Tags = Readonly<Record<string, string>>;

/**
 * One publication on its way to subscribers. `body` is the JSON text of the wire's `pub` object,
 * made once where the publication got its offset: every transport, history and log shares it.
 */
export interface Publication {
  readonly channel: string;
  /** null in a namespace without history. */
  readonly position: StreamPosition | null;
  readonly body: string;
  /** Unix milliseconds at which the log (or, without one, the publisher's node) took it. */
  readonly time: number;
}

/** What a publisher gives; `data` is JSON text. */
export interface Draft {
  readonly data: string;
  readonly info?: ClientInfo;
  readonly tags?: Tags;
}

/**
 * The wire's `pub` object as JSON text. `position` and `time` are left out of a namespace without
 * history; `epoch` stands at offset 1 only, so that a reader notices a stream's new life.
 */
export function encodeBody(draft: Draft, position: StreamPosition | null, time: number): string {
  let body = `{"data":${draft.data}`;
  if (position !== null) {
    body += `,"offset":${position.offset},"time":${time}`;
    if (position.offset === 1) body += `,"epoch":${JSON.stringify(position.epoch)}`;
  }
  if (draft.info !== undefined) body += `,"info":${JSON.stringify(draft.info)}`;
  if (draft.tags !== undefined) body += `,"tags":${JSON.stringify(draft.tags)}`;
  return body + "}";
}
