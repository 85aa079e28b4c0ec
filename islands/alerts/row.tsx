/// <reference lib="dom" />
/** One alert: what is wrong, who takes care of it, and what the reader may do. */
import { useHeir } from "../keep_focus.ts";
import type { Alerts, Row } from "./alerts.ts";
import type { AlertAction } from "./requests.ts";
import { SeverityMark } from "./severity_mark.tsx";

interface AlertRowProps {
  readonly alerts: Alerts;
  readonly row: Row;
}

export function AlertRow({ alerts, row }: AlertRowProps) {
  const { alert, asked, failure } = row;
  const { texts, page } = alerts;
  const { severity, raisedAt, count } = alert;
  const isOver = alert.ended !== null || asked === "close";
  return (
    <li
      class="alert"
      tabIndex={-1}
      data-alert={alert.id}
      data-severity={severity}
      data-over={isOver ? "" : undefined}
    >
      <span class="severity">
        <SeverityMark severity={severity} /> {texts.severity[severity]}
      </span>
      <b class="what">{texts.title(alert)}</b>
      <small class="about">{texts.detail(alert, page.format)}</small>
      <time class="when" dateTime={new Date(raisedAt).toISOString()}>
        {texts.raised(page.format.moment(raisedAt), count)}
      </time>
      <div class="foot">
        <span class="care">{care(alerts, row)}</span>
        {alert.ended === null && <Buttons alerts={alerts} row={row} />}
      </div>
      {failure !== null && <p class="problem" role="alert">{texts.failed(failure)}</p>}
    </li>
  );
}

/** Who takes care of it, or how it ended. */
function care({ texts, page }: Alerts, { alert, asked }: Row): string {
  const { ended, acknowledgedBy, acknowledgedAt } = alert;
  if (ended !== null) return ended.how === "resolved" ? texts.resolved : texts.closedBy(ended.by);
  if (asked === "close") return texts.closing;
  if (acknowledgedBy !== null) {
    return texts.acknowledgedBy(acknowledgedBy, page.format.moment(acknowledgedAt ?? 0));
  }
  return asked === "acknowledge" ? texts.acknowledging : "";
}

function Buttons({ alerts, row }: AlertRowProps) {
  return (
    <span class="alert-actions">
      {row.alert.acknowledgedBy === null &&
        <ActionButton action="acknowledge" alerts={alerts} row={row} />}
      <ActionButton action="close" alerts={alerts} row={row} />
    </span>
  );
}

interface ActionButtonProps extends AlertRowProps {
  readonly action: AlertAction;
}

function ActionButton({ action, alerts, row: { alert, asked } }: ActionButtonProps) {
  const { texts } = alerts;
  // Not another button, which a second press would press.
  const button = useHeir<HTMLButtonElement>((own) => own.closest("li"));
  return (
    <button
      ref={button}
      type="button"
      // Not `disabled`, which would take the focus away.
      aria-disabled={asked !== null}
      aria-label={`${texts[action]}: ${texts.title(alert)}`}
      data-action={action}
      onClick={(event) => {
        if (asked !== null) return;
        if (action === "close") focusNext(event.currentTarget);
        alerts.act(action, alert.id);
      }}
    >
      {texts[action]}
    </button>
  );
}

/** The row will go, and the focus must not go with it. */
function focusNext(button: HTMLElement): void {
  const row = button.closest("li");
  const next = row?.nextElementSibling ?? row?.previousElementSibling;
  const target = next?.querySelector<HTMLElement>('[data-action="close"]') ??
    button.closest("details")?.querySelector("summary");
  target?.focus();
}
