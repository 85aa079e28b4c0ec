/// <reference lib="dom" />
/** Tells the reader of a new order: by a toast who looks at the page, by the system who does not. */
import type { OrderSummary } from "../../lib/store/events.ts";
import { clear, notify } from "./notification.ts";
import type { Push } from "./push.ts";

export function tellOf(push: Push, order: OrderSummary): void {
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

/** The reader has come back and sees them. */
export function takeBack(): void {
  void withRegistration(clear);
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
