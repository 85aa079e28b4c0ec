import { useMemo, useSyncExternalStore } from "react";
import { followState, followStream } from "./follow.js";

/** All there is in a state channel, by key. */
export function useStateChannel(client, name) {
  const store = useMemo(
    () => storeOf(new Map(), (show) => followState(client.state(name), show)),
    [client, name],
  );
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}

/** The last publications of a stream, oldest first. */
export function useStream(client, name, limit) {
  const store = useMemo(
    () => storeOf([], (show) => followStream(client.channel(name), limit, show)),
    [client, name, limit],
  );
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}

/** Of `client.status`, or `client.quality`. */
export function useWatchable(watchable) {
  const store = useMemo(
    () => storeOf(watchable.value, (show) => watchable.subscribe(show)),
    [watchable],
  );
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}

/** React asks what there is again and again: it has to be the same until it has changed. */
function storeOf(value, follow) {
  return {
    get: () => value,
    subscribe: (changed) =>
      follow((now) => {
        value = now;
        changed();
      }),
  };
}
