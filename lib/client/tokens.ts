import type { StreamsOptions } from "./api.ts";
import { deferred } from "./deferred.ts";
import { expired } from "./link.ts";
import type { Down } from "./state.ts";

/** So many new tokens in a row may be refused as expired. */
const maxRenewals = 3;
/** Who gives tokens may take so long: a request of theirs may never end. */
const patienceMs = 30_000;

/** The connection token: one for all who ask, until it has expired. */
export class Tokens {
  readonly #source: StreamsOptions["token"];
  #token: Promise<string> | undefined;
  #giveUp: (() => void) | undefined;
  /** New tokens since the last connection. */
  #renewals = 0;

  constructor(source: StreamsOptions["token"]) {
    this.#source = source;
  }

  /** Rejects with what the application's function throws. */
  get(): Promise<string> {
    return this.#token ??= this.#ask();
  }

  /** Where the token that was `used` has expired it asks to try again with another, at most so often. */
  renewed(why: Down, used: Promise<string>): Down {
    const isExpired = why.kind === "refused" && why.code === expired;
    if (!isExpired || typeof this.#source !== "function") return why;
    if (used === this.#token) {
      if (++this.#renewals > maxRenewals) return why;
      this.#token = undefined;
    }
    return { kind: "lost", reason: why.reason, again: true };
  }

  /** The server has taken it. */
  proven(): void {
    this.#renewals = 0;
  }

  close(): void {
    this.#giveUp?.();
  }

  async #ask(): Promise<string> {
    const source = this.#source ?? "";
    if (typeof source === "string") return source;
    const { promise, reject } = deferred<never>();
    this.#giveUp = () => reject(new Error("no token"));
    const timer = setTimeout(this.#giveUp, patienceMs);
    try {
      return await Promise.race([Promise.resolve().then(source), promise]);
    } catch (error) {
      this.#token = undefined;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
