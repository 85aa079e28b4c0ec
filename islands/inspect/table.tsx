/** A list of the inspector: a heading, a filter, and a table that may be wider than the screen. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { type Inspect, reordered, rowSteps, type View } from "./inspect.ts";

export interface Column<Order> {
  readonly title: string;
  /** What it is ordered by; absent: it is not. */
  readonly order?: Order;
  readonly numeric?: boolean;
  readonly how?: string;
  /** Not on phones, where it is to be seen with the row's own details. */
  readonly wide?: boolean;
}

interface TableProps<Order> {
  readonly inspect: Inspect;
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column<Order>[];
  readonly view: Signal<View<Order>>;
  readonly filterLabel: string;
  /** null: not known yet. */
  readonly total: number | null;
  readonly shown: number;
  /** What to say where none is, and where one has asked for some that are not. */
  readonly empty: { readonly any: string; readonly such: string };
  readonly children: ComponentChildren;
}

export function Table<Order>(props: TableProps<Order>) {
  const { inspect, name, title, columns, view, filterLabel, total, shown, empty } = props;
  const { page, texts, limit } = inspect;
  const number = page.format.number;
  const none = view.value.filter === "" ? empty.any : empty.such;
  const isCut = total !== null && shown < total;
  return (
    <div class="sheet">
      <div class="sheet-head">
        <h2 id={`${name}-heading`}>
          {title} <span class="count">{total !== null && number(total)}</span>
        </h2>
        <input
          type="search"
          aria-label={filterLabel}
          placeholder={filterLabel}
          maxLength={255}
          value={view.value.filter}
          onInput={({ currentTarget: { value } }) => {
            view.value = { ...view.value, filter: value };
          }}
        />
      </div>
      {/* Focusable, for a keyboard has no other way to scroll it. */}
      <div class="scroll" tabIndex={0} role="region" aria-labelledby={`${name}-heading`}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => <Head key={column.title} column={column} view={view} />)}
            </tr>
          </thead>
          <tbody>{props.children}</tbody>
        </table>
        {shown === 0 && <p class="empty">{total === null ? page.texts.loading : none}</p>}
      </div>
      {isCut && (
        <p class="cut">
          {texts.cut(number(shown), number(total))}
          {limit.value < rowSteps.most && (
            <button
              type="button"
              onClick={() => limit.value = rowSteps.most}
            >
              {texts.more}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

interface HeadProps<Order> {
  readonly column: Column<Order>;
  readonly view: Signal<View<Order>>;
}

function Head<Order>({ column, view }: HeadProps<Order>) {
  const { title, order, numeric = false, how, wide = false } = column;
  const className = `${numeric ? "number" : ""} ${wide ? "wide" : ""}`.trim() || undefined;
  if (order === undefined) return <th scope="col" class={className}>{title}</th>;
  const isOrdered = view.value.order === order;
  const direction = view.value.descending ? "descending" : "ascending";
  return (
    <th scope="col" class={className} aria-sort={isOrdered ? direction : "none"}>
      <button
        type="button"
        title={how}
        onClick={() => view.value = reordered(view.value, order, numeric)}
      >
        {title}
      </button>
    </th>
  );
}
