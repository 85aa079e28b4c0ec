/** The reader's choice to be notified, and the toast. */
import type { Consent, Push } from "./push.ts";
import { ToastLine } from "./toast_line.tsx";

export function PushPanel({ push }: { push: Push }) {
  if (push.page.access.value !== "granted") return null;
  return (
    <>
      {push.key !== null && push.consent.value !== "unavailable" && <Choice push={push} />}
      <ToastLine push={push} />
    </>
  );
}

function Choice({ push }: { push: Push }) {
  const { texts } = push;
  const consent = push.consent.value;
  return (
    <div class="notify" data-consent={consent}>
      <p role="status">{said(push)}</p>
      {hasButton(consent) && (
        <button
          type="button"
          // Not `disabled`, which would take the focus away.
          aria-disabled={consent === "working" || consent === "checking"}
          onClick={() => push.onToggle()}
        >
          {consent === "on" ? texts.turnOff : consent === "working" ? texts.working : texts.turnOn}
        </button>
      )}
    </div>
  );
}

function hasButton(consent: Consent): boolean {
  return !["unsupported", "denied", "forbidden"].includes(consent);
}

function said({ texts, consent }: Push): string {
  switch (consent.value) {
    case "on":
      return texts.on;
    case "denied":
    case "unsupported":
    case "forbidden":
    case "failed":
      return texts[consent.value];
    case "checking":
    case "unavailable":
    case "off":
    case "working":
      return texts.off;
  }
}
