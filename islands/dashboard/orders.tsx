import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { OrderSummary } from "../../lib/store/events.ts";
import type { Live } from "./live.ts";
import { Panel } from "./panel.tsx";

/** New orders are told to screen readers together, once in so many milliseconds at most. */
const announceMs = 3_000;

export function Orders({ live }: { live: Live }) {
  const { texts, orders } = live;
  return (
    <>
      <Panel
        live={live}
        id="orders"
        heading={texts.orders}
        list={orders.value}
        empty={texts.noOrders}
      >
        {(order) => <Order key={order.id} live={live} order={order} />}
      </Panel>
      <Announcer live={live} />
    </>
  );
}

function Order({ live, order }: { live: Live; order: OrderSummary }) {
  const { texts, fresh } = live;
  const { format } = live.page;
  return (
    <li class={fresh.has(order.id) ? "row fresh" : "row"} data-order={order.id}>
      <b class="title" title={order.id}>{order.id}</b>
      <span class="side">
        <span class="status" data-status={order.status}>{texts.status[order.status]}</span>
        <span class="amount">{format.money(order.total, order.currency)}</span>
      </span>
      <small class="detail">
        {[order.country, texts.lines(order.lineCount)].filter(Boolean).join(" · ")}
      </small>
      <Time live={live} at={order.placedAt} />
    </li>
  );
}

export function Time({ live, at }: { live: Live; at: number }) {
  return <time dateTime={new Date(at).toISOString()}>{live.page.format.clock(at)}</time>;
}

function Announcer({ live }: { live: Live }) {
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
