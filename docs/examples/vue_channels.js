import { shallowRef, toValue, watchEffect } from "vue";
import { followState, followStream } from "./follow.js";

/** All there is in a state channel, by key. The name may be a ref. */
export function useStateChannel(client, name) {
  return refOf(new Map(), (show) => followState(client.state(toValue(name)), show));
}

/** The last publications of a stream, oldest first. */
export function useStream(client, name, limit) {
  return refOf([], (show) => followStream(client.channel(toValue(name)), limit, show));
}

/** Of `client.status`, or `client.quality`. */
export function useWatchable(watchable) {
  return refOf(watchable.value, (show) => watchable.subscribe(show));
}

function refOf(first, follow) {
  const value = shallowRef(first);
  watchEffect((onCleanup) => {
    value.value = first;
    onCleanup(follow((now) => value.value = now));
  });
  return value;
}
