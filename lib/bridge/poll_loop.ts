/** When a source is polled: again and again while a hold lasts, one poll at a time. */
import { type Clock, wait } from "../clock.ts";
import type { Polled } from "./poll.ts";
import { PollError, type PollErrorKind } from "./poll_error.ts";
import type { Status } from "./status.ts";
import type { Hold } from "./tenure.ts";

export type Outcome = Polled["outcome"] | PollErrorKind;

export interface PollLoopOptions {
  readonly everyMs: number;
  readonly clock: Clock;
  readonly status: Status;
  readonly poll: (hold: Hold) => Promise<Polled>;
  readonly onPolled: (outcome: Outcome, published: number) => void;
  readonly onError: (error: unknown, stage: string) => void;
}

type State =
  | { readonly name: "idle" }
  | { readonly name: "polling"; readonly since: number; readonly failures: number }
  | { readonly name: "resting"; readonly until: number }
  | { readonly name: "backing_off"; readonly until: number; readonly failures: number };

const longestBackoffMs = 30_000;

export class PollLoop {
  readonly #options: PollLoopOptions;
  #state: State = { name: "idle" };

  constructor(options: PollLoopOptions) {
    this.#options = options;
  }

  get state(): State["name"] {
    return this.#state.name;
  }

  /** Polls at once, then until the hold ends. */
  async run(hold: Hold): Promise<void> {
    const { everyMs, clock, status } = this.#options;
    await status.start(clock.now());
    let failures = 0;
    while (hold.valid) {
      const since = clock.now();
      this.#state = { name: "polling", since, failures };
      const failure = await this.#pollOnce(hold);
      if (!hold.valid) break;
      failures = failure === null ? 0 : failures + 1;
      if (failure === null) await status.succeeded(clock.now());
      else await status.failed(clock.now(), failure.message);
      const until = since + pollDelay(failures, everyMs, clock);
      this.#state = failures === 0
        ? { name: "resting", until }
        : { name: "backing_off", until, failures };
      await wait(clock, until - clock.now(), hold.signal);
    }
    this.#state = { name: "idle" };
  }

  /** Resolves with why it failed; never rejects. */
  async #pollOnce(hold: Hold): Promise<PollError | null> {
    const { poll, onPolled, onError } = this.#options;
    try {
      const { outcome, published } = await poll(hold);
      onPolled(outcome, published);
      return null;
    } catch (error) {
      if (!hold.valid) return null;
      const failure = error instanceof PollError
        ? error
        : new PollError("internal", "a fault of the server's");
      if (failure !== error) onError(error, "bridge poll");
      onPolled(failure.kind, 0);
      return failure;
    }
  }
}

/**
 * Milliseconds from the start of one poll to that of the next.
 * @param failures polls that failed in a row; 0: the last one succeeded.
 */
export function pollDelay(failures: number, everyMs: number, clock: Pick<Clock, "random">): number {
  // Never later than was asked for, and not all sources of an isolate in the same moment.
  if (failures === 0) return everyMs * (0.95 + 0.05 * clock.random());
  const most = Math.max(longestBackoffMs, everyMs);
  const full = Math.min(most, everyMs * 2 ** Math.min(failures, 30));
  return Math.max(everyMs, full * (0.5 + 0.5 * clock.random()));
}
