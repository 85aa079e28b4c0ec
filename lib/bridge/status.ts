/** Tells a source's subscribers how its polling goes: one key in a state channel beside its items. */
import type { BridgeTarget } from "./target.ts";

/** What the key `status` of a `sources:` channel has. */
export interface SourceStatus {
  /** `stale`: the last poll failed, and what subscribers have is the last good state. */
  readonly state: "starting" | "live" | "stale";
  /** When this state began, in Unix milliseconds. */
  readonly since: number;
  /** When a poll last succeeded; null: none of this poller's has. */
  readonly checkedAt: number | null;
  /** Why the last poll failed. */
  readonly error: string | null;
  /** Failed polls in a row. */
  readonly failures: number;
}

export const statusKey = "status";

/**
 * How long a status that is not renewed stays: names of channels are their listeners' to choose, and
 * what tells of one must not be kept for ever.
 */
export function statusTtlMs(everyMs: number): number {
  return Math.max(3_600_000, 4 * everyMs);
}

/** Renewals of one lifetime, as far as there are polls. */
const renewals = 3;

export interface StatusOptions {
  readonly channel: string;
  readonly target: BridgeTarget;
  /** Time between polls. */
  readonly everyMs: number;
  /** Called before it is published. */
  readonly onChange: (channel: string, status: SourceStatus) => void;
  readonly onError: (error: unknown, stage: string) => void;
}

export class Status {
  readonly #options: StatusOptions;
  #current: SourceStatus;
  /** What was published last, and when; null: it has to be published. */
  #told: { readonly status: SourceStatus; readonly at: number } | null = null;

  constructor(now: number, options: StatusOptions) {
    this.#options = options;
    this.#current = { state: "starting", since: now, checkedAt: null, error: null, failures: 0 };
  }

  get current(): SourceStatus {
    return this.#current;
  }

  /** A poll began after it had not been this poller's to poll. */
  async start(now: number): Promise<void> {
    this.#told = null;
    await this.#become({ ...this.#current, state: "starting", error: null, failures: 0 }, now);
  }

  async succeeded(now: number): Promise<void> {
    await this.#become({
      ...this.#current,
      state: "live",
      checkedAt: now,
      error: null,
      failures: 0,
    }, now);
  }

  async failed(now: number, error: string): Promise<void> {
    const failures = this.#current.failures + 1;
    await this.#become({ ...this.#current, state: "stale", error, failures }, now);
  }

  /**
   * Publishes a change of state or of the error, and now and then what is as it was; what fails is
   * published with the next call.
   */
  async #become(next: SourceStatus, now: number): Promise<void> {
    const { channel, target, onChange, onError } = this.#options;
    const before = this.#current;
    const since = next.state === before.state ? before.since : now;
    const status = { ...next, since };
    this.#current = status;
    if (!isSame(status, before)) onChange(channel, status);
    if (this.#isTold(status, now)) return;
    try {
      await target.set(channel, statusKey, status, {});
      this.#told = { status, at: now };
    } catch (error) {
      onError(error, "bridge status");
    }
  }

  #isTold(status: SourceStatus, now: number): boolean {
    if (this.#told === null || !isSame(status, this.#told.status)) return false;
    return now - this.#told.at < statusTtlMs(this.#options.everyMs) / renewals;
  }
}

function isSame(a: SourceStatus, b: SourceStatus): boolean {
  return a.state === b.state && a.error === b.error;
}
