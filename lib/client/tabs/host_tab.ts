/** One tab, as the host of its connection sees it. */
import { type Deferred, deferred } from "../deferred.ts";
import { lost } from "../link.ts";
import type { Source } from "./source.ts";
import type { ToTab } from "./protocol.ts";

/** A tab that has not taken so many messages is forgotten; it comes back when it is awake. */
const maxUntaken = 2_000;

export interface TabEvents {
  /** It has to be forgotten. */
  gone(): void;
}

export interface TabSubscription {
  readonly id: number;
  readonly source: Source;
}

export class HostTab {
  readonly subscriptions = new Map<string, TabSubscription>();
  /** Aborted with its end. */
  readonly ended = new AbortController();
  /** Calls without an answer. */
  calls = 0;
  #post: (message: ToTab) => void;
  readonly #gone: () => void;
  #untaken = 0;
  #token: Deferred<string | null | undefined> | undefined;

  constructor(post: (message: ToTab) => void, { gone }: TabEvents) {
    this.#post = post;
    this.#gone = gone;
  }

  post(message: ToTab): void {
    if (this.ended.signal.aborted) return;
    this.#untaken++;
    this.#post(message);
    if (this.#untaken > maxUntaken) this.end(`${maxUntaken} messages were not taken`);
  }

  took(messages: number): void {
    this.#untaken = Math.max(0, this.#untaken - messages);
  }

  /** A new token from its application; null: it has no other; undefined: not just now. */
  askToken(): Promise<string | null | undefined> {
    if (this.#token === undefined) {
      this.#token = deferred();
      this.post({ kind: "token" });
    }
    return this.#token.promise;
  }

  gaveToken(token: string | null | undefined): void {
    this.#token?.resolve(token);
    this.#token = undefined;
  }

  /** @param reason told to the tab, which comes back. */
  end(reason?: string): void {
    if (this.ended.signal.aborted) return;
    if (reason !== undefined) this.#post({ kind: "down", why: lost(reason) });
    this.ended.abort();
    this.gaveToken(undefined);
    this.#gone();
  }
}
