/** Alerts for sources of the bridge that fail. */
import type { Clock } from "../clock.ts";
import { alertId, hasRoom, raised, resolved, writeAlert } from "./alerts.ts";
import type { AlertOf } from "./alerts_shape.ts";
import { backoff } from "./backoff.ts";
import { change } from "./change.ts";
import { keys, limits, type StoreContext } from "./context.ts";

/** How a source's polling goes, as its poller says. */
export interface SourceCondition {
  readonly state: "starting" | "live" | "stale";
  /** When this state began, in Unix milliseconds. */
  readonly since: number;
  readonly error: string | null;
}

export interface SourceAlertsOptions {
  readonly context: StoreContext;
  /** Whether everybody who may see alerts may see what this channel says. */
  readonly isOpen: (channel: string) => boolean;
  readonly onError: (error: unknown, stage: "source alert") => void;
}

const retry = { minMs: 500, maxMs: 30_000 };

/** Takes news of sources as they come, and makes alerts of the latest of each, one after the other. */
export class SourceAlerts {
  readonly #options: SourceAlertsOptions;
  /** By channel: as many as are polled here. */
  readonly #news = new Map<string, SourceCondition>();
  #state: "idle" | "working" | "resting" | "closed" = "idle";
  #work: Promise<void> = Promise.resolve();
  #failures = 0;
  #cancelTimer: () => void = () => {};

  constructor(options: SourceAlertsOptions) {
    this.#options = options;
  }

  /** @param channel that of the source's status. */
  changed(channel: string, condition: SourceCondition): void {
    // Whether it works is not known again before its first poll.
    if (this.#isClosed() || condition.state === "starting") return;
    this.#news.delete(channel);
    this.#news.set(channel, condition);
    this.#begin();
  }

  async close(): Promise<void> {
    this.#state = "closed";
    this.#cancelTimer();
    await this.#work;
  }

  #begin(): void {
    if (this.#state !== "idle") return;
    this.#state = "working";
    this.#work = this.#workOff();
  }

  /** Never rejects. */
  async #workOff(): Promise<void> {
    const { context: { clock }, onError } = this.#options;
    try {
      for (const [channel, condition] of this.#news) {
        await this.#tell(channel, condition);
        if (this.#news.get(channel) === condition) this.#news.delete(channel);
        if (this.#isClosed()) return;
      }
      this.#failures = 0;
      this.#state = "idle";
    } catch (error) {
      if (this.#isClosed()) return;
      onError(error, "source alert");
      this.#rest(clock);
    }
  }

  #rest(clock: Clock): void {
    this.#state = "resting";
    const ms = backoff(this.#failures++, { ...retry, random: clock.random });
    this.#cancelTimer = clock.after(ms, () => {
      this.#state = "idle";
      this.#begin();
    });
  }

  #tell(channel: string, { state, since, error }: SourceCondition): Promise<void> {
    const { context, isOpen } = this.#options;
    const subject = channel.slice(channel.indexOf(":") + 1);
    const shown = isOpen(channel) ? error : null;
    return state === "live"
      ? answers(context, subject)
      : fails(context, subject, { since, error: shown });
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }
}

type SourceAlert = AlertOf<"source_failing">;

function answers(context: StoreContext, subject: string): Promise<void> {
  return change<void>(context, async (kv) => {
    const entry = await kv.get<SourceAlert>(keyOf(subject));
    if (entry.value === null) return { result: undefined };
    const write = kv.atomic().check(entry);
    const alert = resolved(entry.value, context.clock.now());
    return { result: undefined, write, events: writeAlert(write, alert, entry.value) };
  });
}

/** Failing for another reason is the same failure, and once it was closed it stays so. */
function fails(
  context: StoreContext,
  subject: string,
  text: SourceAlert["text"],
): Promise<void> {
  return change<void>(context, async (kv) => {
    const nothing = { result: undefined };
    const id = alertId({ kind: "source_failing", subject });
    const [open, ended] = await kv.getMany<[SourceAlert, SourceAlert]>([
      keys.alert(id),
      keys.endedAlert(id),
    ]);
    const now = context.clock.now();
    const before = open.value;
    if (before === null) {
      if (ended.value?.text.since === text.since) return nothing;
      const isRaised = await hasRoom(kv) && await sourceHasRoom(kv, subject);
      if (!isRaised) return { ...nothing, dropped: ["source_failing"] };
    } else if (before.text.since === text.since && before.text.error === text.error) return nothing;
    const cause = { kind: "source_failing", severity: "critical", subject, text } as const;
    const isSame = before?.text.since === text.since;
    const alert = isSame ? { ...before, text, updatedAt: now } : raised(cause, before, now);
    const write = kv.atomic().check(open);
    return { ...nothing, write, events: writeAlert(write, alert, before) };
  });
}

/** Whether another of the source's channels may have an alert. */
async function sourceHasRoom(kv: Deno.Kv, subject: string): Promise<boolean> {
  const [source = ""] = subject.split(":");
  if (subject === source) return true;
  // From its first parameter to the last: `;` comes after `:`.
  const [start, end] = [keyOf(`${source}:`), keyOf(`${source};`)];
  const open = await Array.fromAsync(kv.list({ start, end }, { limit: limits.sourceAlerts }));
  return open.length < limits.sourceAlerts;
}

function keyOf(subject: string): string[] {
  return keys.alert(alertId({ kind: "source_failing", subject }));
}
