/// <reference lib="dom" />
/** Keeps up with whether the reader wants to be notified, and with whether the page is seen. */
import type { Visit } from "../visit.ts";
import type { Push } from "./push.ts";
import { Subscriber } from "./subscriber.ts";
import { takeBack } from "./tell.ts";

let endLast = () => {};

/** Until it is called again, with another visit. */
export function followConsent(push: Push, { client, token }: Visit): void {
  endLast();
  const stop = new AbortController();
  endLast = () => stop.abort();
  if (push.key === null) return;
  const subscriber = new Subscriber(push, push.key, token);
  push.onToggle = () => void subscriber.toggle();
  void subscriber.look();
  void followPermission(subscriber, stop.signal);
  watch(client, stop.signal);
}

/** While the page is visible the server knows: what is seen here need not be pushed. */
function watch(client: Visit["client"], signal: AbortSignal): void {
  let subscription: { unsubscribe(): void } | null = null;
  const look = () => {
    const isVisible = document.visibilityState === "visible";
    if (isVisible) {
      subscription ??= client.channel("watch:orders").subscribe(() => {}, { onRefused: () => {} });
      takeBack();
    } else {
      subscription?.unsubscribe();
      subscription = null;
    }
  };
  document.addEventListener("visibilitychange", look, { signal });
  look();
}

/** The reader may change it in the browser's settings. */
async function followPermission(subscriber: Subscriber, signal: AbortSignal): Promise<void> {
  try {
    const permission = await navigator.permissions.query({ name: "notifications" });
    permission.addEventListener("change", () => void subscriber.look(), { signal });
  } catch {
    // Not every browser tells.
  }
}
