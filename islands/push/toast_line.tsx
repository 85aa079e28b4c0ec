/// <reference lib="dom" />
import type { Push } from "./push.ts";
import type { Toast } from "./toasts.ts";

/**
 * For the eye: nothing else moves, and the focus stays where it is. Who listens is told of the same
 * orders by the page's announcer, and so not by this.
 */
export function ToastLine({ push }: { push: Push }) {
  const { toasts, texts } = push;
  const toast = toasts.shown.value;
  const release = ({ currentTarget }: { readonly currentTarget: HTMLElement }) => {
    const isRead = currentTarget.matches(":hover") ||
      currentTarget.querySelector(":focus-visible") !== null;
    if (!isRead) toasts.resume();
  };
  return (
    <div
      class="toasts"
      role="group"
      aria-label={texts.news}
      onMouseEnter={() => toasts.pause()}
      onMouseLeave={release}
      onFocusCapture={() => toasts.pause()}
      onBlurCapture={release}
    >
      {toast !== null && <Line push={push} toast={toast} />}
    </div>
  );
}

function Line({ push, toast: { count, latest } }: { push: Push; toast: Toast }) {
  const { texts, toasts, page: { format } } = push;
  return (
    <div class="toast" data-toast={latest.id}>
      {/* Other orders are another element: nothing is moved by them. */}
      <p key={latest.id}>
        <b>{texts.newOrders(format.number(1), true)}</b>
        <span class="id">{latest.id}</span>
        <span>{format.money(latest.total, latest.currency)}</span>
        {count > 1 && <small>{`+${format.number(count - 1)}`}</small>}
      </p>
      <button type="button" aria-label={texts.dismiss} onClick={() => toasts.dismiss()}>
        <span aria-hidden="true">×</span>
      </button>
    </div>
  );
}
