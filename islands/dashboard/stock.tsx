import type { StockLevel } from "../page_state.ts";
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
      count={stock.value.length}
      empty={texts.noStock}
    >
      {stock.value.map((level) => <Level key={level.sku} live={live} level={level} />)}
    </Panel>
  );
}

function Level({ live, level: { sku, name, quantity } }: { live: Live; level: StockLevel }) {
  const { texts, format } = live;
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
