/** Feeds the dashboard from the shop's state channels. */
import type { Change, StateListener } from "../../lib/client/mod.ts";
import type { Visit } from "../visit.ts";
import type { Live } from "./live.ts";

export function feed(live: Live, { client, refused }: Visit): void {
  const { showOrders, orderChanged, showStock, showVehicles } = live;
  const listener = <Data>(
    show: (entries: ReadonlyMap<string, Data>) => void,
    changed: (change: Change<Data>) => void = () => {},
  ): StateListener<Data> => {
    let isDue = false;
    return {
      onSync: show,
      onRefused: refused,
      onChange: (change) => {
        live.page.connection.addLatency(change.latencyMs);
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
  };
  client.state("orders:all").subscribe(listener(showOrders, orderChanged));
  client.state("stock:all").subscribe(listener(showStock));
  client.state("vehicles:all").subscribe(listener(showVehicles));
}
