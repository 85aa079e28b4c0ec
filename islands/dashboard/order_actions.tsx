/** What can be done with an order, from its row. */
import { useSignal } from "@preact/signals";
import type { OrderSummary } from "../../lib/store/events.ts";
import { actingTexts } from "./acting_texts.ts";
import { canCancel, nextStatus } from "./intents.ts";
import type { Live } from "./live.ts";

interface OrderActionsProps {
  readonly live: Live;
  readonly order: OrderSummary;
  /** Something is under way already. */
  readonly isPending: boolean;
}

export function OrderActions({ live, order: { id, status }, isPending }: OrderActionsProps) {
  const isAsking = useSignal(false);
  const { acting, page: { language } } = live;
  const texts = actingTexts[language];
  if (isPending) return <span class="actions pending">{texts.pending}…</span>;
  const disabled = acting.may.value !== "yes";
  const next = nextStatus[status];
  const button = (text: string, run: () => void, look = "") => (
    <button
      type="button"
      key={text}
      class={look}
      disabled={disabled}
      aria-label={`${text}: ${id}`}
      onClick={run}
    >
      {text}
    </button>
  );
  if (isAsking.value && canCancel(status)) {
    return (
      <span class="actions">
        {button(texts.sureToCancel, () => acting.setStatus(id, "cancelled"), "grave")}
        {/* Where the button was that asked: who presses twice cancels nothing. */}
        {button(texts.keep, () => isAsking.value = false)}
      </span>
    );
  }
  return (
    <span class="actions">
      {next !== undefined && next !== "placed" &&
        button(texts.to[next], () => acting.setStatus(id, next))}
      {canCancel(status) && button(texts.to.cancelled, () => isAsking.value = true, "quiet")}
    </span>
  );
}
