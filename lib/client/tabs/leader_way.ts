import type { Openers } from "../connections.ts";
import { Candidate } from "./candidate.ts";
import type { Lives } from "./lives.ts";
import type { Port, PortEvents, Way } from "./way.ts";

/** What is used of the page. */
const { document } = globalThis as { readonly document?: EventTarget };

/** The host is in one of the pages. Once a page takes part, it does until it is closed or rests. */
export class LeaderWay implements Way {
  readonly lives: Lives;
  readonly #openers: Openers;
  readonly #other: Way;
  readonly #watching = new AbortController();
  #candidate: Candidate | undefined;
  #steals = false;
  #left: Promise<unknown> = Promise.resolve();

  /** @param other for pages that may not share. */
  constructor(openers: Openers, lives: Lives, other: Way) {
    this.#openers = openers;
    this.lives = lives;
    this.#other = other;
    const { signal } = this.#watching;
    const rest = () => this.#leave();
    // Others could not tell whether a page that sleeps will wake.
    document?.addEventListener("freeze", rest, { signal });
    globalThis.addEventListener?.("pagehide", rest, { signal });
  }

  open(key: string, events: PortEvents): Port {
    if (this.#candidate?.key !== key || this.#steals) this.#leave();
    const candidate = this.#candidate ??= new Candidate({
      key,
      openers: this.#openers,
      lives: this.lives,
      steal: this.#steals,
      deposed: () => this.#candidate === candidate && this.#leave(),
    });
    this.#steals = false;
    return candidate.open(events);
  }

  givenUp(broken: boolean): Way {
    // Who is the host by force and is not answered even so would not be another time.
    if (!broken && this.#candidate?.hasStolen !== true) {
      this.#steals = true;
      return this;
    }
    this.#watching.abort();
    this.#leave();
    return this.#other;
  }

  async close(): Promise<void> {
    this.#watching.abort();
    this.#leave();
    await Promise.all([this.#left, this.#other.close()]);
  }

  #leave(): void {
    const candidate = this.#candidate;
    this.#candidate = undefined;
    if (candidate !== undefined) this.#left = Promise.all([this.#left, candidate.close()]);
  }
}
