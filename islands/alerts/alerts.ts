/** The alerts of a page: what its channel holds, and what the reader is about to change of it. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Change } from "../../lib/client/mod.ts";
import type { Alert, AlertSeverity } from "../../lib/store/alerts_shape.ts";
import type { Page } from "../page.ts";
import type { AlertAction, Failure, Outcome } from "./requests.ts";
import { Speech } from "./speech.ts";
import { type AlertTexts, alertTexts } from "./texts.ts";

/** What a page with alerts has of the server. */
export interface AlertsPageState {
  /** null: the viewer has to bring a token. */
  readonly snapshot: { readonly alerts: readonly Alert[] } | null;
}

export interface Row {
  readonly alert: Alert;
  /** What the reader has asked for and the channel has not told yet. */
  readonly asked: AlertAction | null;
  /** Why what the reader asked for last was not done. */
  readonly failure: Failure | null;
}

interface Asked {
  readonly action: AlertAction;
  /** The alert's `updatedAt` with it; null: there was no answer yet. */
  readonly doneAt: number | null;
}

export const severities = ["critical", "warning", "info"] as const satisfies AlertSeverity[];

/** One that has ended is shown for so long, with how it ended. */
const lingerMs = 4_000;
const maxLingering = 20;
/** At most so many are listed, the gravest first. */
const maxRows = 100;

export class Alerts {
  readonly page: Page;
  readonly texts: AlertTexts;
  readonly speech: Speech;
  /** The gravest first, then the latest; null: not known yet. */
  readonly rows: ReadonlySignal<readonly Row[] | null>;
  /** Those that are open, whether listed or not. */
  readonly counts: ReadonlySignal<Readonly<Record<AlertSeverity, number>>>;
  /** How many of those are not listed. */
  readonly unlisted: ReadonlySignal<number>;
  /** Set by who sends requests. */
  act: (action: AlertAction, id: string) => void = () => {};
  readonly #open = signal<ReadonlyMap<string, Alert> | null>(null);
  readonly #ended = signal<ReadonlyMap<string, Alert>>(new Map());
  readonly #asked = signal<ReadonlyMap<string, Asked>>(new Map());
  readonly #failed = signal<ReadonlyMap<string, Failure>>(new Map());

  constructor(page: Page, { snapshot }: AlertsPageState) {
    this.page = page;
    this.texts = alertTexts[page.language];
    this.speech = new Speech(this.texts);
    if (snapshot !== null) this.#open.value = new Map(snapshot.alerts.map((one) => [one.id, one]));
    this.rows = computed(() => this.#rows());
    this.counts = computed(() => countOf(this.#open.value?.values() ?? []));
    this.unlisted = computed(() => {
      const listed = this.rows.value?.filter(({ alert }) => alert.ended === null) ?? [];
      return (this.#open.value?.size ?? 0) - listed.length;
    });
  }

  /** Now all that are open are these. */
  readonly show = (open: ReadonlyMap<string, Alert>): void => {
    this.#open.value = new Map([...open].filter(([, { ended }]) => ended === null));
    this.#settle();
  };

  /** Before it is shown. */
  readonly changed = ({ key, data, before }: Change<Alert>): void => {
    this.#failed.value = without(this.#failed.value, key);
    if (data === undefined) return;
    if (data.ended === null) {
      this.#ended.value = without(this.#ended.value, key);
      if (isNews(data, before)) {
        const manner = data.severity === "critical" ? "urgent" : "polite";
        this.speech.say(manner, this.texts.title(data));
      }
      return;
    }
    if (data.ended.how === "resolved") {
      this.speech.say("polite", this.texts.ended(this.texts.title(data)));
    }
    this.#linger(data);
  };

  /** The reader asks for it: shown as done, until the answer says otherwise. */
  asks(action: AlertAction, id: string): boolean {
    if (this.#asked.value.has(id)) return false;
    this.#failed.value = without(this.#failed.value, id);
    this.#asked.value = new Map([...this.#asked.value, [id, { action, doneAt: null }]]);
    return true;
  }

  answered(id: string, outcome: Outcome): void {
    const asked = this.#asked.value.get(id);
    if (asked === undefined) return;
    if (outcome.kind === "done") {
      const done = { ...asked, doneAt: outcome.updatedAt };
      this.#asked.value = new Map([...this.#asked.value, [id, done]]);
      return this.#settle();
    }
    this.#asked.value = without(this.#asked.value, id);
    if (this.#open.value?.has(id)) {
      this.#failed.value = new Map([...this.#failed.value, [id, outcome.failure]]);
    }
  }

  /** What the channel has told by now is asked for no longer. */
  #settle(): void {
    const left = [...this.#asked.value].filter(([id, { doneAt }]) => {
      const alert = this.#open.value?.get(id);
      return alert !== undefined && (doneAt === null || alert.updatedAt < doneAt);
    });
    if (left.length < this.#asked.value.size) this.#asked.value = new Map(left);
  }

  #linger(alert: Alert): void {
    if (this.#ended.value.size >= maxLingering) return;
    this.#ended.value = new Map([...this.#ended.value, [alert.id, alert]]);
    setTimeout(() => {
      if (this.#ended.value.get(alert.id) !== alert) return;
      this.#ended.value = without(this.#ended.value, alert.id);
    }, lingerMs);
  }

  #rows(): readonly Row[] | null {
    if (this.#open.value === null) return null;
    const shown = new Map([...this.#ended.value, ...this.#open.value]);
    return [...shown.values()]
      .sort(gravestFirst)
      .slice(0, maxRows)
      .map((alert) => ({
        alert,
        asked: this.#asked.value.get(alert.id)?.action ?? null,
        failure: this.#failed.value.get(alert.id) ?? null,
      }));
  }
}

/** Raised, and not just changed. */
function isNews(alert: Alert, before: Alert | undefined): boolean {
  return before === undefined || alert.count > before.count;
}

function gravestFirst(a: Alert, b: Alert): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    b.raisedAt - a.raisedAt || (a.id < b.id ? -1 : 1);
}

function countOf(alerts: Iterable<Alert>): Record<AlertSeverity, number> {
  const counts = { critical: 0, warning: 0, info: 0 };
  for (const { severity } of alerts) counts[severity]++;
  return counts;
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  if (!map.has(key)) return map;
  return new Map([...map].filter(([one]) => one !== key));
}
