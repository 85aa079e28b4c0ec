/** A small form to place an order of one article. */
import { useSignal } from "@preact/signals";
import type { StockItem } from "../../lib/store/events.ts";
import { actingTexts } from "./acting_texts.ts";
import { filterStock } from "./lists.ts";
import type { Live } from "./live.ts";

/** Articles that are proposed at a time. */
const proposed = 12;

export function PlaceOrder({ live }: { live: Live }) {
  const { acting, stock, page: { language } } = live;
  const texts = actingTexts[language];
  const article = useSignal("");
  const isUnknown = useSignal(false);
  const isOff = acting.may.value !== "yes";
  const submit = (form: HTMLFormElement) => {
    const quantity = Number(new FormData(form).get("quantity"));
    const item = find(stock.items.value ?? [], article.value);
    isUnknown.value = item === undefined;
    if (item === undefined) {
      form.querySelector("input")?.focus();
      return;
    }
    acting.place(item, quantity);
    form.reset();
    article.value = "";
  };
  return (
    <form
      class="tools place"
      aria-label={texts.newOrder}
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget);
      }}
    >
      <fieldset disabled={isOff}>
        <input
          name="article"
          list="articles"
          required
          autocomplete="off"
          aria-label={texts.article}
          aria-describedby="place-problem"
          aria-invalid={isUnknown.value}
          placeholder={texts.article}
          value={article.value}
          onInput={({ currentTarget: { value } }) => {
            article.value = value;
            isUnknown.value = false;
          }}
        />
        <input
          name="quantity"
          type="number"
          required
          min={1}
          max={100_000}
          step={1}
          defaultValue="1"
          aria-label={texts.quantity}
        />
        <button type="submit">{texts.place}</button>
      </fieldset>
      <Proposals live={live} text={article.value} />
      <p class="problem" id="place-problem" role="status">
        {acting.may.value === "no" ? texts.mayNot : isUnknown.value ? texts.unknownArticle : ""}
      </p>
    </form>
  );
}

function Proposals({ live, text }: { live: Live; text: string }) {
  const texts = actingTexts[live.page.language];
  // A keystroke proposes others; what the stock does meanwhile does not.
  const found = filterStock(live.stock.items.peek() ?? [], text);
  return (
    <datalist id="articles">
      {text !== "" &&
        found.slice(0, proposed).map(({ sku, name, quantity }) => (
          <option key={sku} value={sku}>
            {`${name} · ${texts.left(live.page.format.number(quantity))}`}
          </option>
        ))}
    </datalist>
  );
}

/** By its SKU, its name, or as the only one that the text leads to. */
function find(items: readonly StockItem[], text: string): StockItem | undefined {
  const wanted = text.trim().toLowerCase();
  const named = items.find(({ sku, name }) =>
    sku.toLowerCase() === wanted || name.toLowerCase() === wanted
  );
  if (named !== undefined || wanted === "") return named;
  const found = filterStock(items, text);
  return found.length === 1 ? found[0] : undefined;
}
