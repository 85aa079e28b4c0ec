/** Feeds the dashboard: the stream of changes, and the shop's state where the stream has a gap. */
import type { ChannelData } from "../../lib/channels.ts";
import { backoffMs } from "../../lib/client/backoff.ts";
import { type Client, connect, type Publication, type State } from "../../lib/client/mod.ts";
import type { Positions } from "../page_state.ts";
import type { Live } from "./live.ts";
import { loadShop, Refused } from "./shop.ts";

const channels = ["orders:all", "stock:all", "vehicles:all"] as const;
type DashboardFeed = { [Channel in (typeof channels)[number]]: ChannelData<Channel> };

const reload = { minMs: 1_000, maxMs: 20_000 };

/** Why the server closes for good when it is the token that is at fault (PROTOCOL.md 2.3, 2.4). */
const tokenCodes: ReadonlySet<number> = new Set([101, 103, 109, 3500]);

/** @param since null: nothing is here yet, load it once the stream has begun */
export class ShopFeed {
  readonly #live: Live;
  readonly #token: string;
  readonly #client: Client;
  #loadWhenOnline: boolean;
  #loads = 0;
  #closed = false;

  constructor(live: Live, token: string, since: Positions | null) {
    this.#live = live;
    this.#token = token;
    this.#loadWhenOnline = since === null;
    this.#client = connect<DashboardFeed>({
      url: location.origin,
      channels,
      token,
      ...(since !== null && { since }),
      onPublication: (publication) => this.#take(publication),
      onState: (state) => this.#follow(state),
      // The stream goes on from its head; the state of before is read after that.
      onGap: () => this.#load(),
    });
  }

  close(): void {
    this.#closed = true;
    this.#client.close();
  }

  #follow(state: State): void {
    if (this.#closed) return;
    const { connection, staleSince, access } = this.#live;
    connection.value = state;
    if (state.name === "online") {
      staleSince.value = null;
      if (this.#loadWhenOnline) this.#load();
      this.#loadWhenOnline = false;
    } else staleSince.value ??= Date.now();
    if (state.name === "closed" && tokenCodes.has(state.code)) access.value = "refused";
  }

  #take(publication: Publication<DashboardFeed>): void {
    if (publication.latencyMs !== undefined) this.#live.addLatency(publication.latencyMs);
    switch (publication.channel) {
      case "orders:all": {
        const { type, order } = publication.data;
        return this.#live.addOrder(order, type === "placed");
      }
      case "stock:all": {
        const { at, items } = publication.data;
        return this.#live.addStock(items.map((item) => ({ ...item, updatedAt: at })));
      }
      case "vehicles:all":
        return this.#live.addVehicle(publication.data);
    }
  }

  /** Until it succeeds, or another load has begun. Never rejects. */
  async #load(): Promise<void> {
    const load = ++this.#loads;
    for (let failures = 0;; failures++) {
      if (failures > 0) {
        const ms = backoffMs(failures, reload, Math.random());
        await new Promise((resolve) => setTimeout(resolve, ms));
      }
      if (load !== this.#loads || this.#closed) return;
      try {
        return this.#live.addSnapshot(await loadShop(this.#token));
      } catch (error) {
        if (this.#closed) return;
        if (error instanceof Refused) return this.#refused();
        this.#live.loading.value = "failed";
      }
    }
  }

  #refused(): void {
    this.#live.access.value = "refused";
    this.close();
  }
}
