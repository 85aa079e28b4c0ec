import type { StockItem } from "../../lib/store/events.ts";
import type { Live } from "./live.ts";
import { Panel } from "./panel.tsx";

/** Fewer than this many are low. */
const low = 10;

export function Stock({ live }: { live: Live }) {
  const { texts, stock } = live;
  return (
    <Panel
      live={live}
      id="stock"
      heading={texts.stock}
      list={stock.value}
      empty={texts.noStock}
    >
      {(item) => <Level key={item.sku} live={live} item={item} />}
    </Panel>
  );
}

function Level({ live, item: { sku, name, quantity } }: { live: Live; item: StockItem }) {
  const { texts } = live;
  const { format } = live.page;
  const warning = quantity === 0 ? texts.outOfStock : quantity < low ? texts.lowStock : "";
  return (
    <li class="row" data-sku={sku}>
      <span class="title" title={name}>{name}</span>
      <span class="side">
        {warning !== "" && (
          <span class="status" data-status={quantity === 0 ? "out" : "low"}>{warning}</span>
        )}
        <span class="amount">{format.number(quantity)}</span>
      </span>
      <small class="detail">{sku}</small>
    </li>
  );
}
