/** New orders told of together: one notification, however many they are. */
import { describe, type Language, type OrderNews } from "./texts.ts";

export interface Batch {
  readonly count: number;
  /** The newest of them, newest last. */
  readonly latest: readonly OrderNews[];
}

/** Enough for a page to know which of them it has shown already. */
const named = 20;

export function batchOf(orders: readonly OrderNews[]): Batch {
  const latest = orders.toSorted((a, b) => a.placedAt - b.placedAt).slice(-named);
  return { count: orders.length, latest };
}

export function joined(before: Batch | null, batch: Batch): Batch {
  if (before === null) return batch;
  const { latest } = batchOf([...before.latest, ...batch.latest]);
  return { count: before.count + batch.count, latest };
}

/** What the service worker is sent. */
export interface PushMessage {
  readonly title: string;
  readonly body: string;
  readonly language: Language;
  readonly count: number;
  /** Ids of the newest of them. */
  readonly orders: readonly string[];
}

export function messageOf({ count, latest }: Batch, language: Language): PushMessage | null {
  const last = latest.at(-1);
  if (last === undefined) return null;
  const { title, body } = describe(language, last, count);
  return { title, body, language, count, orders: latest.map(({ id }) => id) };
}
