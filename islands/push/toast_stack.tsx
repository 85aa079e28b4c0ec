/// <reference lib="dom" />
import type { Push } from "./push.ts";
import type { Toast } from "./toasts.ts";

/**
 * For the eye: nothing else moves, and the focus stays where it is. Who listens is told of the same
 * orders by the page's announcer, and so not by these.
 */
export function ToastStack({ push }: { push: Push }) {
  const { toasts, texts } = push;
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
      {toasts.shown.value.map((toast) => <One key={toast.id} push={push} toast={toast} />)}
    </div>
  );
}

function One({ push, toast: { id, count, latest } }: { push: Push; toast: Toast }) {
  const { texts, toasts, page: { format } } = push;
  const order = [latest.id, format.money(latest.total, latest.currency)].join(" · ");
  return (
    <div class="toast" data-toast={latest.id}>
      <p>
        <b>{texts.newOrders(format.number(count), count === 1)}</b>
        <span>{count === 1 ? order : texts.latest(order)}</span>
      </p>
      <button
        type="button"
        aria-label={texts.dismiss}
        onClick={({ currentTarget }) => {
          keepFocus(currentTarget);
          toasts.dismiss(id);
        }}
      >
        <span aria-hidden="true">×</span>
      </button>
    </div>
  );
}

/** Whoever closes one toast after the other by the keyboard stays among them. */
function keepFocus(button: HTMLElement): void {
  const toast = button.closest(".toast");
  const next = toast?.nextElementSibling ?? toast?.previousElementSibling;
  next?.querySelector("button")?.focus();
}
