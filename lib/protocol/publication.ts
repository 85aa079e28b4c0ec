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
  /** In a state channel: this is the key's latest value, or its end. */
  readonly key?: string;
  readonly removed?: true;
  /** What filters look at; a removal has those of what it removes. */
  readonly tags?: Tags;
  /** A state entry's place among the others where the namespace orders them so; absent: 0. */
  readonly score?: number;
}

/** What a publisher gives; `data` is JSON text, and not used of a removal. */
export interface Draft {
  readonly data: string;
  readonly info?: ClientInfo;
  readonly tags?: Tags;
  /** Given in state channels, and only there. */
  readonly key?: string;
  readonly removed?: true;
  readonly score?: number;
}

/** UTF-16 units a key may have; it has one at least. */
export const maxKeyLength = 255;

/** The publication that a draft becomes at its place in the stream. */
export function publicationOf(
  channel: string,
  draft: Draft,
  position: StreamPosition | null,
  time: number,
): Publication {
  const { key, removed, tags, score } = draft;
  return {
    channel,
    position,
    body: encodeBody(draft, position, time),
    time,
    ...(key !== undefined && { key }),
    ...(removed && { removed }),
    ...(tags !== undefined && { tags }),
    ...(score !== undefined && { score }),
  };
}

/**
 * The wire's `pub` object as JSON text. `position` and `time` are left out of a namespace without
 * history; `epoch` stands at offset 1 only, so that a reader notices a stream's new life.
 */
export function encodeBody(draft: Draft, position: StreamPosition | null, time: number): string {
  const { key } = draft;
  let body = "{";
  if (key !== undefined) body += `"key":${JSON.stringify(key)},`;
  body += draft.removed ? `"removed":true` : `"data":${draft.data}`;
  if (position !== null) {
    body += `,"offset":${position.offset},"time":${time}`;
    if (position.offset === 1) body += `,"epoch":${JSON.stringify(position.epoch)}`;
  }
  if (draft.info !== undefined) body += `,"info":${JSON.stringify(draft.info)}`;
  if (draft.tags !== undefined) body += `,"tags":${JSON.stringify(draft.tags)}`;
  return body + "}";
}
