/**
 * Sends the positions that wait, the oldest first and several at a time, each request until the
 * server has answered. It may take the same ones twice.
 */
import { type Signal, signal } from "@preact/signals";
import type { Clock } from "../../lib/clock.ts";
import type { Report, Waiting } from "./waiting.ts";

/** What became of one request. */
export type Outcome =
  | { readonly kind: "taken"; readonly latencyMs: number }
  /** No answer, or one that may be another next time: not before `afterMs`, where it says that. */
  | { readonly kind: "later"; readonly afterMs?: number | null }
  /** This device's clock was ahead, and is corrected. */
  | { readonly kind: "early" }
  /** Something in it is wrong. */
  | { readonly kind: "malformed" }
  /** Not with this token. */
  | { readonly kind: "unauthorized" }
  /** Not of this vehicle. */
  | { readonly kind: "forbidden" };

export interface UplinkOptions {
  readonly waiting: Pick<Waiting, "first" | "remove">;
  /** Never rejects. */
  readonly post: (reports: readonly Report[]) => Promise<Outcome>;
  readonly onTaken: (taken: { readonly at: number; readonly latencyMs: number }) => void;
  /** Nothing more is sent until somebody wants it to be tried again. */
  readonly onRefused: (why: "unauthorized" | "forbidden") => void;
  readonly clock: Clock;
}

/** Whether the server could be reached last time; `unknown`: not tried since. */
export type Link = "unknown" | "up" | "down";

/** Positions in one request. */
export const mostTogether = 200;
const backoff = { minMs: 1_000, maxMs: 15_000 };

type State =
  | { readonly name: "idle" }
  | { readonly name: "sending" }
  /** For a better time, which may come sooner. */
  | { readonly name: "waiting"; readonly cancel: () => void }
  /** As long as the server wants it to. */
  | { readonly name: "held back"; readonly cancel: () => void }
  | { readonly name: "refused" }
  | { readonly name: "closed" };

export class Uplink {
  readonly link: Signal<Link> = signal("unknown");
  readonly #options: UplinkOptions;
  #state: State = { name: "idle" };
  #failures = 0;
  /** Fewer while it is looked for the one that the server cannot take. */
  #together = mostTogether;

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  /** There is something to send: if nothing is under way and nothing has failed, now. */
  added(): void {
    if (this.#state.name !== "idle") return;
    this.#state = { name: "sending" };
    this.#sendAll();
  }

  /** It may be a better time. */
  wake(): void {
    if (this.#state.name === "waiting") {
      this.#state.cancel();
      this.#state = { name: "idle" };
    }
    this.added();
  }

  /** Also what was refused. */
  retry(): void {
    if (this.#state.name === "refused") this.#state = { name: "idle" };
    this.wake();
  }

  /** There is no network. */
  cut(): void {
    this.link.value = "down";
  }

  /** There is one again; whether the server can be reached is known when something was sent. */
  restored(): void {
    if (this.#options.waiting.first(1).length === 0) this.link.value = "unknown";
    this.wake();
  }

  close(): void {
    if ("cancel" in this.#state) this.#state.cancel();
    this.#state = { name: "closed" };
  }

  /** Never rejects. */
  async #sendAll(): Promise<void> {
    const { waiting, post } = this.#options;
    while (true) {
      const reports = waiting.first(this.#together);
      if (reports.length === 0) break;
      const outcome = await post(reports);
      if (this.#state.name !== "sending") return;
      if (!this.#settle(reports, outcome)) return;
    }
    this.#state = { name: "idle" };
  }

  /** Whether to go on. */
  #settle(reports: readonly Report[], outcome: Outcome): boolean {
    const { waiting, onTaken, onRefused, clock } = this.#options;
    switch (outcome.kind) {
      case "taken":
        this.#failures = 0;
        this.#together = Math.min(mostTogether, this.#together * 2);
        waiting.remove(reports);
        this.link.value = "up";
        onTaken({ at: clock.now(), latencyMs: outcome.latencyMs });
        return true;
      case "malformed":
        if (reports.length === 1) waiting.remove(reports);
        else this.#together = Math.ceil(reports.length / 2);
        return true;
      case "early":
        this.#rest("waiting", this.#backoffMs());
        return false;
      case "later": {
        this.link.value = "down";
        const { afterMs } = outcome;
        if (typeof afterMs === "number") {
          this.#rest("held back", Math.max(afterMs, this.#backoffMs()));
        } else this.#rest("waiting", this.#backoffMs());
        return false;
      }
      case "unauthorized":
      case "forbidden":
        this.#state = { name: "refused" };
        onRefused(outcome.kind);
        return false;
    }
  }

  #backoffMs(): number {
    const bound = Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.min(this.#failures++, 10));
    return bound * (0.5 + this.#options.clock.random() / 2);
  }

  #rest(name: "waiting" | "held back", ms: number): void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#state = { name: "idle" };
      this.added();
    });
    this.#state = { name, cancel };
  }
}
