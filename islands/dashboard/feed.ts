/** Feeds the dashboard from the shop's state channels. */
import type { Channels } from "../../lib/channels.ts";
import {
  type Change,
  type Client,
  connect,
  type Refusal,
  type StateListener,
  type Status,
} from "../../lib/client/mod.ts";
import type { Live } from "./live.ts";

/** Why the server closes for good when it is the token that is at fault (PROTOCOL.md 2.3, 2.4). */
const tokenCodes: ReadonlySet<number> = new Set([101, 103, 109, 3500]);

export class ShopFeed {
  readonly #live: Live;
  readonly #client: Client<Channels>;
  /** Why a channel is not to be had. */
  #refusal: Status | undefined;
  #closed = false;

  constructor(live: Live, token: string) {
    this.#live = live;
    this.#client = connect<Channels>(location.origin, { token });
    const { showOrders, orderChanged, showStock, showVehicles } = live;
    this.#client.state("orders:all").subscribe(this.#listener(showOrders, orderChanged));
    this.#client.state("stock:all").subscribe(this.#listener(showStock));
    this.#client.state("vehicles:all").subscribe(this.#listener(showVehicles));
    this.#client.quality.subscribe((quality) => this.#live.quality.value = quality);
    this.#client.status.subscribe((status) => this.#follow(status));
  }

  close(): void {
    this.#closed = true;
    this.#client.close();
  }

  #follow(status: Status): void {
    if (this.#closed) return;
    const { connection, staleSince } = this.#live;
    this.#live.wasOnline ||= status.name === "online";
    // A client that has nothing left to subscribe to waits for something.
    connection.value = status.name === "idle" ? this.#refusal ?? status : status;
    if (status.name === "online") staleSince.value = null;
    else staleSince.value ??= Date.now();
    if (status.name === "closed") this.#refused(status.code);
  }

  /** By the channels one by one, or altogether. */
  #refused(code: number): void {
    if (tokenCodes.has(code)) this.#live.access.value = "refused";
  }

  #listener<Data>(
    show: (entries: ReadonlyMap<string, Data>) => void,
    changed: (change: Change<Data>) => void = () => {},
  ): StateListener<Data> {
    let isDue = false;
    return {
      onSync: show,
      onRefused: ({ code, message }: Refusal) => {
        this.#refusal = { name: "closed", code, reason: message };
        this.#refused(code);
      },
      onChange: (change) => {
        if (change.latencyMs !== undefined) this.#live.addLatency(change.latencyMs);
        changed(change);
        if (isDue) return;
        isDue = true;
        // Once for all changes that come together.
        queueMicrotask(() => {
          isDue = false;
          show(change.entries);
        });
      },
    };
  }
}
