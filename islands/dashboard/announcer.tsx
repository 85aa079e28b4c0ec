import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Live } from "./live.ts";

/** New orders are told to screen readers together, once in so many milliseconds at most. */
const announceMs = 3_000;

/** Tells of new orders without taking the focus from what one does. */
export function Announcer({ live }: { live: Live }) {
  const said = useSignal("");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useSignalEffect(() => {
    if (live.announced.value === null) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const news = live.announced.value;
      if (news === null) return;
      const { id, total, currency } = news.order;
      said.value = live.texts.newOrders(news.count, id, live.page.format.money(total, currency));
      live.announced.value = null;
    }, announceMs);
  });
  return <p class="visually-hidden" role="status" aria-live="polite">{said.value}</p>;
}
