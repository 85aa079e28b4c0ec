/// <reference lib="dom" />
/** Tells the reader of new orders: by a toast who looks at the page, by the system who does not. */
import type { OrderSummary } from "../../lib/store/events.ts";
import type { Visit } from "../visit.ts";
import { clear, notify } from "./notification.ts";
import type { Push } from "./push.ts";
import { Subscriber } from "./subscriber.ts";

let endLast = () => {};

/** Until it is called again, with another visit. */
export function followNewOrders(push: Push, { client, token }: Visit): void {
  endLast();
  const stop = new AbortController();
  endLast = () => stop.abort();
  client.state("orders:all").subscribe({
    onChange: ({ data, before }) => {
      if (before === undefined && data?.status === "placed") tell(push, data);
    },
  });
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
      void withRegistration(clear);
    } else {
      subscription?.unsubscribe();
      subscription = null;
    }
  };
  document.addEventListener("visibilitychange", look, { signal });
  look();
}

function tell(push: Push, order: OrderSummary): void {
  if (document.visibilityState === "visible") return push.toasts.add(order);
  if (push.consent.value !== "on") return;
  const { texts, page: { format, language } } = push;
  void withRegistration((registration) =>
    notify(registration, {
      title: texts.newOrders(format.number(1), true),
      body: `${order.id}, ${format.money(order.total, order.currency)}`,
      language,
      count: 1,
      orders: [order.id],
    })
  );
}

/** One after the other, for each reads what the one before has shown. */
let notifying: Promise<void> = Promise.resolve();

function withRegistration(
  job: (registration: ServiceWorkerRegistration) => Promise<void>,
): Promise<void> {
  notifying = notifying.then(async () => {
    const registration = await navigator.serviceWorker?.getRegistration("/");
    if (registration !== undefined && registration.active !== null) await job(registration);
  }).catch(() => {
    // The permission has been taken back meanwhile.
  });
  return notifying;
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
