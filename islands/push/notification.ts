/// <reference lib="dom" />
/** The one system notification of new orders, whether the page or a push brings it. */
import type { Language } from "../language.ts";
import { pushTexts } from "./texts.ts";

/** What a push carries (`lib/push/batch.ts`). */
export interface OrderNews {
  readonly title: string;
  readonly body: string;
  readonly language: Language;
  readonly count: number;
  /** Ids of the newest of them. */
  readonly orders: readonly string[];
}

/** A later notification takes the place of the one before. */
export const tag = "new-orders";

/** What a notification that is shown tells of. */
interface Told {
  readonly count: number;
  readonly orders: readonly string[];
}

const remembered = 50;

/** `silent`: who sees the page need not hear of it, too. */
export async function notify(
  registration: ServiceWorkerRegistration,
  news: OrderNews,
  { silent = false }: { readonly silent?: boolean } = {},
): Promise<void> {
  const [shown] = await registration.getNotifications({ tag });
  const told: Told = shown?.data ?? { count: 0, orders: [] };
  const fresh = news.orders.filter((id) => !told.orders.includes(id));
  const known = news.orders.length - fresh.length;
  const count = told.count + news.count - known;
  const isNews = fresh.length > 0;
  const number = new Intl.NumberFormat(news.language).format(count);
  const title = told.count === 0
    ? news.title
    : pushTexts[news.language].newOrders(number, count === 1);
  const data: Told = { count, orders: [...told.orders, ...fresh].slice(-remembered) };
  const options = {
    tag,
    body: isNews || shown === undefined ? news.body : shown.body,
    lang: news.language,
    data,
    // Told already: the browser wants to be shown something, the reader need not be disturbed.
    silent: silent || !isNews,
    renotify: isNews && !silent,
  };
  await registration.showNotification(title, options);
}

/** The reader has seen them. */
export async function clear(registration: ServiceWorkerRegistration): Promise<void> {
  for (const one of await registration.getNotifications({ tag })) one.close();
}
