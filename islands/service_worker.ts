/// <reference lib="dom" />
/** The service worker: shows what is pushed while no page is open, and leads back to one. */
import { notify, type OrderNews } from "./push/notification.ts";
import { pushTexts } from "./push/texts.ts";

interface Extendable {
  waitUntil(work: Promise<unknown>): void;
}
interface PushEvent extends Extendable {
  readonly data: { json(): unknown } | null;
}
interface ClickEvent extends Extendable {
  readonly notification: Notification;
}
interface ChangeEvent extends Extendable {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}
interface WindowClient {
  readonly url: string;
  readonly visibilityState: DocumentVisibilityState;
  focus(): Promise<unknown>;
}

/** What is used of the worker's globals. */
const scope = globalThis as unknown as {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: object): Promise<readonly WindowClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Extendable) => void): void;
  addEventListener(type: "push", listener: (event: PushEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: ClickEvent) => void): void;
  addEventListener(type: "pushsubscriptionchange", listener: (event: ChangeEvent) => void): void;
};

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener("push", (event) => event.waitUntil(show(event)));
scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open());
});
scope.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

/** Always shows something: browsers take the permission from those who do not. */
async function show({ data }: PushEvent): Promise<void> {
  const rooms = (await pages()).filter(isRoom);
  const silent = rooms.some((one) => one.visibilityState === "visible");
  await notify(scope.registration, read(data), { silent });
}

function read(data: PushEvent["data"]): OrderNews {
  const { news: title } = pushTexts.en;
  const unknown: OrderNews = { title, body: "", language: "en", count: 1, orders: [] };
  try {
    return { ...unknown, ...data?.json() as Partial<OrderNews> | undefined };
  } catch {
    return unknown;
  }
}

async function pages(): Promise<readonly WindowClient[]> {
  return await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
}

/** Only there new orders are shown. */
function isRoom({ url }: WindowClient): boolean {
  return new URL(url).pathname === "/";
}

async function open(): Promise<void> {
  const room = (await pages()).find(isRoom);
  // A window may refuse the focus when it has been closed meanwhile.
  await (room?.focus() ?? scope.clients.openWindow("/"));
}

/** The browser has replaced the subscription by itself, or wants to be asked for another. */
async function renew({ oldSubscription: old, newSubscription }: ChangeEvent): Promise<void> {
  const auth = old?.toJSON().keys?.["auth"];
  if (old === undefined || old === null || auth === undefined) return;
  const subscription = newSubscription ??
    await scope.registration.pushManager.subscribe(old.options);
  await fetch("/push/subscriptions", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ old: { endpoint: old.endpoint, auth }, subscription }),
  });
}
