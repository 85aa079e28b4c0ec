/** Today's figures, as numbers and as small charts. */
import { useComputed } from "@preact/signals";
import { Chart } from "./chart.tsx";
import { type Day, dayOf, lastHour } from "./figures.ts";
import type { Live } from "./live.ts";

/** The shop sells in one currency. */
const currency = "GBP";

export function Figures({ live }: { live: Live }) {
  if (live.page.access.value !== "granted") return null;
  const { texts, page: { format } } = live;
  const day = useComputed(() => {
    const { format } = live.page;
    return dayOf(live.figures.value, live.now.value, (time) => format.day(time));
  }).value;
  const minutes = useComputed(() => lastHour(live.figures.value, live.now.value)).value;
  const kept = day.orders - day.cancelled;
  const inLastHour = minutes.reduce((sum, n) => sum + n, 0);
  return (
    <section class="figures" aria-label={texts.figures}>
      <div class="figure">
        <h2>{texts.ordersToday}</h2>
        <Value name="orders">{format.number(day.orders)}</Value>
        <small>{texts.cancelledToday(format.number(day.cancelled))}</small>
        <Chart live={live} values={day.quarters.map(({ orders }) => orders)} />
      </div>
      <div class="figure">
        <h2>{texts.revenueToday}</h2>
        <Value name="revenue">{format.money(day.revenue, currency)}</Value>
        <small>
          {texts.perOrder(format.money(kept > 0 ? Math.round(day.revenue / kept) : 0, currency))}
        </small>
        <Chart live={live} values={day.quarters.map(({ revenue }) => revenue)} />
      </div>
      <div class="figure">
        <h2>{texts.ordersPerMinute}</h2>
        <Value name="minute">{format.number(minutes.at(-1) ?? 0)}</Value>
        <small>
          {texts.inLastHour(format.number(inLastHour))}
          <span class="busiest">{texts.busiest(format.number(Math.max(...minutes)))}</span>
        </small>
        <Chart live={live} values={minutes} />
      </div>
      <ByHour live={live} day={day} />
    </section>
  );
}

/** Another number is another element: it may begin elsewhere, and nothing is moved by it. */
function Value({ name, children }: { readonly name: string; readonly children: string }) {
  return <p key={children} data-figure={name}>{children}</p>;
}

/** What the charts show, for those who do not see them. */
function ByHour({ live: { texts, page: { format } }, day }: { live: Live; day: Day }) {
  return (
    // A table itself cannot be made narrower than its words.
    <div class="visually-hidden">
      <table>
        <caption>{texts.byHour}</caption>
        <thead>
          <tr>
            <th scope="col">{texts.hour}</th>
            <th scope="col">{texts.orders}</th>
            <th scope="col">{texts.revenue}</th>
          </tr>
        </thead>
        <tbody>
          {day.hours.map(({ from, orders, revenue }) => (
            <tr key={from}>
              <th scope="row">{format.hour(from)}</th>
              <td>{format.number(orders)}</td>
              <td>{format.money(revenue, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
