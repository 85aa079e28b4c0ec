/**
 * Sends what waits in the outbox: one message after the other, in order, each until the server has
 * answered.
 */
import type { ChatMessage } from "../../lib/store/events.ts";
import type { Outbox, Outgoing } from "./outbox.ts";

/** What became of one attempt. */
export type Sent =
  | { readonly kind: "stored"; readonly message: ChatMessage }
  /** For good; the HTTP status says why. */
  | { readonly kind: "refused"; readonly status: number }
  /** No answer, or one that may be another next time: not before `afterMs`, where it says that. */
  | { readonly kind: "later"; readonly afterMs?: number | null }
  /** Not with this token. */
  | { readonly kind: "unauthorized" };

export interface SenderOptions {
  readonly outbox: Outbox;
  /** Never rejects. */
  readonly post: (outgoing: Outgoing) => Promise<Sent>;
  /** Before it leaves the outbox. */
  readonly onStored: (message: ChatMessage) => void;
  readonly onUnauthorized: () => void;
  readonly random?: () => number;
  /** Returns what cancels it. */
  readonly after?: (ms: number, job: () => void) => () => void;
}

const backoff = { minMs: 1_000, maxMs: 30_000 };

type State =
  | { readonly name: "idle" }
  | { readonly name: "sending" }
  /** For a better time, which may come sooner. */
  | { readonly name: "waiting"; readonly cancel: () => void }
  /** As long as the server wants it to. */
  | { readonly name: "held back"; readonly cancel: () => void }
  | { readonly name: "closed" };

export class Sender {
  readonly #options: SenderOptions;
  #state: State = { name: "idle" };
  #failures = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** There is something to send, or a better time for it. */
  wake(): void {
    if (this.#state.name === "waiting") this.#state.cancel();
    else if (this.#state.name !== "idle") return;
    this.#state = { name: "sending" };
    this.#sendAll();
  }

  close(): void {
    if ("cancel" in this.#state) this.#state.cancel();
    this.#state = { name: "closed" };
  }

  /** Never rejects. */
  async #sendAll(): Promise<void> {
    const { outbox, post } = this.#options;
    for (let next = outbox.first; next !== undefined; next = outbox.first) {
      const sent = await post(next);
      if (this.#state.name !== "sending") return;
      if (!this.#settle(next, sent)) return;
    }
    this.#state = { name: "idle" };
  }

  /** Whether to go on with the next. */
  #settle({ id }: Outgoing, sent: Sent): boolean {
    const { outbox, onStored, onUnauthorized } = this.#options;
    switch (sent.kind) {
      case "stored":
        this.#failures = 0;
        onStored(sent.message);
        outbox.remove(id);
        return true;
      case "refused":
        outbox.refused(id, sent.status);
        return true;
      case "later":
        if (typeof sent.afterMs === "number") {
          this.#rest("held back", Math.max(sent.afterMs, this.#backoffMs()));
          return false;
        }
        // Its event may have come although its answer was lost.
        if (!outbox.has(id)) return true;
        this.#rest("waiting", this.#backoffMs());
        return false;
      case "unauthorized":
        this.#state = { name: "closed" };
        onUnauthorized();
        return false;
    }
  }

  #backoffMs(): number {
    const { random = Math.random } = this.#options;
    const bound = Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.min(this.#failures++, 10));
    return bound * (0.5 + random() / 2);
  }

  #rest(name: "waiting" | "held back", ms: number): void {
    const { after = afterTimeout } = this.#options;
    const cancel = after(ms, () => {
      this.#state = { name: "idle" };
      this.wake();
    });
    this.#state = { name, cancel };
  }
}

export function afterTimeout(ms: number, job: () => void): () => void {
  const timer = setTimeout(job, ms);
  return () => clearTimeout(timer);
}
