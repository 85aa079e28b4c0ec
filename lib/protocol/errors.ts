/** Error codes of the client protocol and the server API (PROTOCOL.md 2.3). */
const table = {
  internal: { code: 100, message: "internal server error", temporary: true },
  unauthorized: { code: 101, message: "unauthorized" },
  unknownChannel: { code: 102, message: "unknown channel" },
  permissionDenied: { code: 103, message: "permission denied" },
  methodNotFound: { code: 104, message: "method not found" },
  alreadySubscribed: { code: 105, message: "already subscribed" },
  limitExceeded: { code: 106, message: "limit exceeded" },
  badRequest: { code: 107, message: "bad request" },
  notAvailable: { code: 108, message: "not available" },
  tokenExpired: { code: 109, message: "token expired" },
  expired: { code: 110, message: "expired" },
  tooManyRequests: { code: 111, message: "too many requests", temporary: true },
  unrecoverablePosition: { code: 112, message: "unrecoverable position" },
  concurrentPagination: { code: 113, message: "concurrent pagination", temporary: true },
} as const;

export type ErrorName = keyof typeof table;

/**
 * A request that cannot be done, for a reason its sender may know. Anything else that is thrown is
 * a fault of ours: it is logged and told as 100.
 */
export class ProtocolError extends Error {
  readonly code: number;
  readonly temporary: boolean;
  /** Of the channels that were asked for, the one at fault; undefined: it is not a matter of one. */
  channel: string | undefined = undefined;

  /** @param detail what was wrong and what is allowed; without it the table's own message. */
  constructor(name: ErrorName, detail?: string) {
    const entry = table[name];
    super(detail === undefined ? entry.message : `${entry.message}: ${detail}`);
    this.name = "ProtocolError";
    this.code = entry.code;
    this.temporary = "temporary" in entry;
  }

  /** The wire form, `{code,message,temporary?}`. */
  toJSON(): { code: number; message: string; temporary?: true } {
    const error = { code: this.code, message: this.message };
    return this.temporary ? { ...error, temporary: true } : error;
  }
}

/** Runs what concerns one channel of several: its refusal then names the channel. */
export function concerning<Result>(channel: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw blaming(channel, error);
  }
}

/** The same error, which names the channel if it is a refusal that does not pass by itself. */
export function blaming(channel: string, error: unknown): unknown {
  if (error instanceof ProtocolError && !error.temporary) error.channel ??= channel;
  return error;
}
