/** How a page is connected, and how fast news travels: what its badge shows. */
import { signal } from "@preact/signals";
import type { Client, Quality, Refusal, Status } from "../lib/client/mod.ts";
import { addLatency, type Latencies } from "./latencies.ts";

export class Connection {
  readonly status = signal<Status>({ name: "idle" });
  /** null: nothing is known yet. */
  readonly quality = signal<Quality | null>(null);
  readonly latencies = signal<Latencies | null>(null);
  /** When the page was last known to be up to date, by this machine's clock; null: it is now. */
  readonly staleSince = signal<number | null>(null);
  /** Whether there has been a connection. */
  wasOnline = false;
  /** Why a channel is not to be had. */
  #refusal: Status | undefined;

  /** @returns what ends it. */
  follow({ status, quality }: Pick<Client, "status" | "quality">): () => void {
    this.#refusal = undefined;
    const ends = [
      quality.subscribe((now) => this.quality.value = now),
      status.subscribe((now) => this.#show(now)),
    ];
    return () => ends.forEach((end) => end());
  }

  /** One channel alone. */
  refused({ code, message }: Refusal): void {
    this.#refusal = { name: "closed", code, reason: message };
    if (this.status.value.name === "idle") this.status.value = this.#refusal;
  }

  /** @param ms undefined: not known. */
  addLatency(ms: number | undefined): void {
    if (ms !== undefined) this.latencies.value = addLatency(this.latencies.value, ms);
  }

  #show(status: Status): void {
    this.wasOnline ||= status.name === "online";
    // A client that has nothing left to subscribe to waits for something.
    this.status.value = status.name === "idle" ? this.#refusal ?? status : status;
    if (status.name === "online") this.staleSince.value = null;
    else this.staleSince.value ??= Date.now();
  }
}
