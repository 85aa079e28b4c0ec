import type { StockItem } from "../../lib/store/events.ts";
import { actingTexts } from "./acting_texts.ts";
import { levelOf } from "./lists.ts";
import type { Live } from "./live.ts";
import { Panel } from "./panel.tsx";
import { Search } from "./search.tsx";

/** Added to the stock unless another quantity is typed. */
const standardQuantity = "50";

export function Stock({ live }: { live: Live }) {
  const { texts, stock, stockFilter } = live;
  return (
    <Panel
      live={live}
      id="stock"
      heading={texts.stock}
      list={stock}
      items={live.shownStock.value}
      filter={stockFilter.value}
      empty={texts.noStock}
      newer={texts.changedAbove}
      aside={
        <Search
          live={live}
          label={texts.filterStock}
          value={stockFilter.value}
          onSearch={(text) => stockFilter.value = text}
        />
      }
    >
      {(item) => <Article live={live} item={item} />}
    </Panel>
  );
}

function Article({ live, item }: { live: Live; item: StockItem }) {
  const { texts, acting } = live;
  const { format, language } = live.page;
  const { sku, name, quantity } = item;
  const level = levelOf(item);
  const coming = acting.restocking(sku);
  return (
    <div class="row" data-sku={sku} data-pending={coming > 0 ? "" : undefined}>
      <div class="line">
        <span class="title" title={name}>{name}</span>
        <span class="side">
          {coming > 0 && (
            <span class="coming">
              +{format.number(coming)}
              <span class="visually-hidden">{actingTexts[language].pending}</span>
            </span>
          )}
          <span class="amount">{format.number(quantity)}</span>
        </span>
      </div>
      <div class="line">
        <small class="detail">
          {level !== "enough" && (
            <span class="status" data-status={level}>
              {level === "out" ? texts.outOfStock : texts.lowStock}
            </span>
          )}
          {sku}
        </small>
        <Restock live={live} item={item} />
      </div>
    </div>
  );
}

function Restock({ live: { acting, page }, item }: { live: Live; item: StockItem }) {
  const texts = actingTexts[page.language];
  return (
    <form
      class="actions"
      onSubmit={(event) => {
        event.preventDefault();
        acting.restock(item, Number(new FormData(event.currentTarget).get("quantity")));
      }}
    >
      <fieldset disabled={acting.may.value !== "yes"}>
        <input
          name="quantity"
          type="number"
          required
          min={1}
          max={100_000}
          step={1}
          defaultValue={standardQuantity}
          aria-label={texts.howMany(item.name)}
        />
        <button type="submit" aria-label={`${texts.restock}: ${item.name}`}>{texts.restock}</button>
      </fieldset>
    </form>
  );
}
