import type { OrderStatus, OrderSummary } from "../../lib/store/events.ts";
import { Announcer } from "./announcer.tsx";
import { Cut } from "./cut.tsx";
import type { Live } from "./live.ts";
import { OrderActions } from "./order_actions.tsx";
import { Panel } from "./panel.tsx";
import { PlaceOrder } from "./place_order.tsx";
import { Search } from "./search.tsx";

/** Those that the list holds for longer than a moment. */
const statuses: readonly OrderStatus[] = ["placed", "packed", "shipped"];

/** Of older ones the day is said as well. */
const recentMs = 12 * 3_600_000;

export function Orders({ live }: { live: Live }) {
  const { texts, orders } = live;
  const { status, text } = live.orderFilter.value;
  return (
    <>
      <Panel
        live={live}
        id="orders"
        heading={texts.orders}
        list={orders}
        items={live.shownOrders.value}
        filter={status === null && text === "" ? "" : `${status} ${text}`}
        empty={texts.noOrders}
        tools={
          <>
            <PlaceOrder live={live} />
            <Filter live={live} />
          </>
        }
      >
        {(order) => <Order live={live} order={order} />}
      </Panel>
      <Announcer live={live} />
    </>
  );
}

function Filter({ live }: { live: Live }) {
  const { texts, orderFilter } = live;
  const { status, text } = orderFilter.value;
  return (
    <div class="tools">
      <select
        aria-label={texts.filterStatus}
        disabled={live.acting.may.value === "not yet"}
        value={status ?? ""}
        onChange={({ currentTarget: { value } }) => {
          const chosen = statuses.find((one) => one === value) ?? null;
          orderFilter.value = { ...orderFilter.value, status: chosen };
        }}
      >
        <option value="">{texts.anyStatus}</option>
        {statuses.map((one) => <option key={one} value={one}>{texts.status[one]}</option>)}
      </select>
      <Search
        live={live}
        label={texts.filterOrders}
        value={text}
        onSearch={(text) => orderFilter.value = { ...orderFilter.value, text }}
      />
    </div>
  );
}

function Order({ live, order }: { live: Live; order: OrderSummary }) {
  const { texts } = live;
  const { format } = live.page;
  const { id, country, lineCount, placedAt } = order;
  const wanted = live.acting.statusOf(id);
  const status = wanted ?? order.status;
  const isPending = wanted !== undefined || order.version === 0;
  const isRecent = live.now.value - placedAt < recentMs;
  const when = isRecent ? format.hour(placedAt) : format.moment(placedAt);
  const facts = [when, country, texts.lines(lineCount)];
  return (
    <div
      class={!live.isFresh(id) ? "row" : live.isBusy ? "row fresh steady" : "row fresh"}
      data-order={id}
      data-pending={isPending ? "" : undefined}
    >
      <div class="line">
        <Cut text={id} />
        <span class="side">
          <span class="status" data-status={status}>{texts.status[status]}</span>
          <span class="amount">{format.money(order.total, order.currency)}</span>
        </span>
      </div>
      <div class="line">
        <small class="detail">{facts.filter(Boolean).join(" · ")}</small>
        <OrderActions live={live} order={order} isPending={isPending} />
      </div>
    </div>
  );
}
