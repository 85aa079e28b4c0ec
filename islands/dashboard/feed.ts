/** Feeds the dashboard from the shop's state channels. */
import type { ChannelData } from "../../lib/channels.ts";
import {
  type Change,
  type Client,
  connect,
  type State,
  type StateListener,
} from "../../lib/client/mod.ts";
import type { Live } from "./live.ts";

type ShopChannel = "orders:all" | "stock:all" | "vehicles:all";
type DashboardFeed = { [Channel in ShopChannel]: ChannelData<Channel> };

/** Why the server closes for good when it is the token that is at fault (PROTOCOL.md 2.3, 2.4). */
const tokenCodes: ReadonlySet<number> = new Set([101, 103, 109, 3500]);

export class ShopFeed {
  readonly #live: Live;
  readonly #client: Client<DashboardFeed>;
  #closed = false;

  constructor(live: Live, token: string) {
    this.#live = live;
    this.#client = connect<DashboardFeed>({
      url: location.origin,
      token,
      states: {
        "orders:all": this.#listener(live.showOrders, live.orderChanged),
        "stock:all": this.#listener(live.showStock),
        "vehicles:all": this.#listener(live.showVehicles),
      },
      onState: (state) => this.#follow(state),
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
    if (state.name === "online") staleSince.value = null;
    else staleSince.value ??= Date.now();
    if (state.name === "closed" && tokenCodes.has(state.code)) access.value = "refused";
  }

  #listener<Data>(
    show: (entries: ReadonlyMap<string, Data>) => void,
    changed: (change: Change<Data>) => void = () => {},
  ): StateListener<Data> {
    let isDue = false;
    return {
      onSync: show,
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
