/// <reference lib="dom" />
/** Feeds the dashboard from the shop's state channels. */
import type { Change, StateListener } from "../../lib/client/mod.ts";
import { untilBeat } from "../beat.ts";
import type { Visit } from "../visit.ts";
import { mayAct } from "./may.ts";
import { paced } from "./paced.ts";
import { send } from "./requests.ts";
import type { Live } from "./live.ts";

/** The first change is shown at once, those that follow together: faster than anybody reads. */
const everyMs = 80;
/** The badge's median is of so many. */
const mostLatencies = 100;

export function feed(live: Live, { client, token, refused }: Visit): void {
  let latencies: (number | undefined)[] = [];
  const show = paced(
    () => {
      for (const ms of latencies.slice(-mostLatencies)) live.page.connection.addLatency(ms);
      latencies = [];
      live.show();
    },
    () => untilBeat(everyMs),
    requestAnimationFrame,
  );
  const listener = <Data>(
    synced: (entries: ReadonlyMap<string, Data>) => void,
    changed: (change: Change<Data>) => void,
  ): StateListener<Data> => ({
    onSync(entries) {
      synced(entries);
      show();
    },
    onChange(change) {
      latencies.push(change.latencyMs);
      // A page that is not looked at shows nothing for long.
      if (latencies.length > 2 * mostLatencies) latencies = latencies.slice(-mostLatencies);
      changed(change);
      show();
    },
    onRefused: refused,
  });
  client.state("orders:all").subscribe(listener(live.ordersSynced, live.orderChanged));
  client.state("stock:all").subscribe(listener(live.stockSynced, live.stockChanged));
  client.state("vehicles:all").subscribe(listener(live.vehiclesSynced, live.vehicleChanged));
  client.state("figures:all").subscribe({
    onSync: live.showFigures,
    onChange: ({ entries }) => live.showFigures(entries),
    onRefused: refused,
  });
  live.acting.open(mayAct(token), (action) => send(action, token), live.known);
  client.status.subscribe(({ name }) => {
    if (name === "online") live.acting.retryAll();
  });
}

/** Keeps `live.now` at this minute. */
export function tick(live: Live): void {
  const now = Date.now();
  live.now.value = now;
  setTimeout(() => tick(live), 60_000 - now % 60_000 + 50);
}
