/// <reference lib="dom" />
/** What a browser does for Web Push, in a test: subscribe, be handed messages, show notifications. */
import type { BrowserContext, CDPSession, Page, Worker } from "playwright-core";
import type { Receiver } from "../push/support.ts";
import { eventually } from "../support/clients/eventually.ts";

/** The browser's push service is out of reach: its subscription is one at the test's own. */
export async function subscribeAt(context: BrowserContext, endpoint: string, receiver: Receiver) {
  await context.addInitScript(({ endpoint, keys }) => {
    const subscription = (applicationServerKey: ArrayBuffer) => ({
      endpoint,
      options: { applicationServerKey },
      toJSON: () => ({ endpoint, keys, expirationTime: null }),
      unsubscribe: () => Promise.resolve(localStorage.removeItem("key") ?? true),
    });
    const bytes = (key: string) =>
      Uint8Array.from(
        atob(key.replaceAll("-", "+").replaceAll("_", "/")),
        (one) => one.charCodeAt(0),
      ).buffer;
    Object.assign(PushManager.prototype, {
      subscribe: ({ applicationServerKey }: { applicationServerKey: string }) => {
        localStorage.setItem("key", applicationServerKey);
        return Promise.resolve(subscription(bytes(applicationServerKey)));
      },
      getSubscription: () => {
        const key = localStorage.getItem("key");
        return Promise.resolve(key === null ? null : subscription(bytes(key)));
      },
    });
  }, { endpoint, keys: receiver.keys });
}

export const notifications = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const shown = await registration?.getNotifications() ?? [];
    return shown.map(({ title, body, tag, lang }) => ({ title, body, tag, lang }));
  });

/**
 * How many notifications a page or worker has shown. What is displayed is looked at only then:
 * while one is on its way, Chromium takes it for one that the reader has closed.
 */
interface Counting {
  shown?: number;
}

export function countShown(): void {
  const scope = globalThis as unknown as Counting;
  const { prototype } = ServiceWorkerRegistration;
  const { showNotification } = prototype;
  const isCounting = scope.shown !== undefined;
  scope.shown = 0;
  if (isCounting) return;
  prototype.showNotification = async function (...args) {
    await showNotification.apply(this, args);
    scope.shown = (scope.shown ?? 0) + 1;
  };
}

export async function workerOf(context: BrowserContext): Promise<Worker> {
  return context.serviceWorkers()[0] ?? await context.waitForEvent("serviceworker");
}

/** @param ask the page or worker for `shownHere`. */
export const shown = (ask: (count: () => number) => Promise<number>, n: number) =>
  eventually(async () => await ask(shownHere) === n, `${n} notifications shown`);

const shownHere = () => (globalThis as unknown as Counting).shown ?? 0;

/** Hands a message to the service worker, as the browser does when its push service has one. */
export async function deliverer(session: CDPSession, origin: string) {
  const { promise, resolve } = Promise.withResolvers<string>();
  session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
    const own = registrations.find(({ scopeURL }) => scopeURL === `${origin}/`);
    if (own !== undefined) resolve(own.registrationId);
  });
  await session.send("ServiceWorker.enable");
  const registrationId = await promise;
  return async (data: string) => {
    await session.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data });
  };
}
