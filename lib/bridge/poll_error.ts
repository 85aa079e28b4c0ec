/** Why a poll failed. Each kind is a label of the metrics. */
export type PollErrorKind =
  | "timeout"
  | "network"
  | "redirect"
  | "status"
  /** A shared poll's back end said so in its answer. */
  | "refused"
  /** 304 although no earlier answer was named. */
  | "unasked_304"
  | "too_large"
  | "not_json"
  | "pointer"
  | "shape"
  | "key_missing"
  | "key_invalid"
  | "key_duplicate"
  | "key_too_long"
  | "too_many_keys"
  | "item_too_large"
  /** What changed could not be published. */
  | "publish"
  /** A fault of ours. */
  | "internal";

/** The message goes to subscribers and into the log: it has no secrets and is short. */
export class PollError extends Error {
  override readonly name = "PollError";
  readonly kind: PollErrorKind;

  constructor(kind: PollErrorKind, message: string) {
    super(excerpt(message, maxMessageLength));
    this.kind = kind;
  }
}

const maxMessageLength = 300;

/** On one line, and cut to `length` UTF-16 units. */
export function excerpt(text: string, length: number): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length <= length ? line : `${line.slice(0, length - 1).toWellFormed()}…`;
}
