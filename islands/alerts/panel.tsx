/** A bar that says how many alerts are open, and opens the list of them above the page. */
import type { AlertSeverity } from "../../lib/store/alerts_shape.ts";
import { type Alerts, type Row, severities } from "./alerts.ts";
import { AlertRow } from "./row.tsx";
import { SeverityMark } from "./severity_mark.tsx";

export function AlertsPanel({ alerts }: { alerts: Alerts }) {
  const { page, texts, speech } = alerts;
  if (page.access.value !== "granted") return null;
  const rows = alerts.rows.value;
  const isStale = page.connection.staleSince.value !== null;
  const latest = headline(alerts, rows);
  return (
    <div class="alerts" data-stale={isStale ? "" : undefined}>
      <details onKeyDown={closeOnEscape}>
        <summary>
          <h2>{texts.heading}</h2>
          <Tallies alerts={alerts} />
          {/* Another text is another element: nothing is moved by it. */}
          <span class="latest" key={latest}>{latest}</span>
        </summary>
        <div class="alert-sheet">
          <List alerts={alerts} rows={rows} />
        </div>
      </details>
      <p class="visually-hidden" role="status">{speech.said.polite.value}</p>
      <p class="visually-hidden" role="alert">{speech.said.urgent.value}</p>
    </div>
  );
}

function Tallies({ alerts }: { alerts: Alerts }) {
  const { texts, page } = alerts;
  const counts = alerts.counts.value;
  const tally = (severity: AlertSeverity) => (
    <span
      key={severity}
      class="tally"
      data-severity={counts[severity] === 0 ? undefined : severity}
    >
      <SeverityMark severity={severity} />
      {page.format.number(counts[severity])}
      <span class="name">{texts.tally(severity, counts[severity])}</span>
    </span>
  );
  return <span class="tallies">{severities.map(tally)}</span>;
}

/** The gravest that nobody takes care of. */
function headline({ texts, page }: Alerts, rows: readonly Row[] | null): string {
  if (rows === null) return page.texts.loading;
  const open = rows.filter(({ alert, asked }) => alert.ended === null && asked !== "close");
  if (open.length === 0) return texts.none;
  const first = open.find(({ alert, asked }) => alert.acknowledgedBy === null && asked === null);
  return first === undefined ? texts.allAcknowledged : texts.title(first.alert);
}

function List({ alerts, rows }: { alerts: Alerts; rows: readonly Row[] | null }) {
  const { texts, page } = alerts;
  if (rows === null || rows.length === 0) {
    return <p class="empty">{rows === null ? page.texts.loading : texts.none}</p>;
  }
  const hidden = alerts.unlisted.value;
  return (
    <>
      {/* Focusable, for a keyboard has no other way to scroll it. */}
      <ul tabIndex={0} aria-label={texts.heading}>
        {rows.map((row) => <AlertRow key={row.alert.id} alerts={alerts} row={row} />)}
      </ul>
      {hidden > 0 && <p class="more">{texts.more(page.format.number(hidden))}</p>}
    </>
  );
}

interface KeyPress {
  readonly key: string;
  readonly currentTarget: HTMLDetailsElement;
}

function closeOnEscape({ key, currentTarget }: KeyPress): void {
  if (key !== "Escape" || !currentTarget.open) return;
  currentTarget.open = false;
  currentTarget.querySelector("summary")?.focus();
}
