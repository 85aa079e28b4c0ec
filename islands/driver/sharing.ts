/** Shares the device's position while it is wanted. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Clock } from "../../lib/clock.ts";
import type { Fix } from "./fix.ts";
import type { Listener, Locator } from "./locator.ts";
import { idle, isWatching, type SharingEvent, type SharingState, transition } from "./machine.ts";
import { Reporter } from "./reporter.ts";

export interface SharingOptions {
  readonly locator: Locator;
  readonly clock: Pick<Clock, "now" | "after">;
  /** Takes what is worth to be reported. */
  readonly report: (fix: Fix) => void;
  /** Whether the server can be reached, as far as is known. */
  readonly isLinked: () => boolean;
  /** It has begun to ask the device, or ended to. */
  readonly onWatching: (isWatching: boolean) => void;
}

export class Sharing {
  readonly fix: Signal<Fix | null> = signal(null);
  readonly #options: SharingOptions;
  readonly #state = signal<SharingState>(idle);
  #end: (() => void) | null = null;

  constructor(options: SharingOptions) {
    this.#options = options;
  }

  get state(): ReadonlySignal<SharingState> {
    return this.#state;
  }

  start(): void {
    this.tell({ name: "start", ability: this.#options.locator.ability });
  }

  stop(): void {
    this.tell({ name: "stop" });
  }

  tell(event: SharingEvent): void {
    const state = transition(this.#state.value, event);
    if (state === this.#state.value) return;
    this.#state.value = state;
    if (isWatching(state) === (this.#end !== null)) return;
    if (this.#end === null) this.#watch();
    else {
      this.#end();
      this.#end = null;
    }
    this.#options.onWatching(this.#end !== null);
  }

  #watch(): void {
    const { locator, clock, report, isLinked } = this.#options;
    let isOver = false;
    const listener: Listener = {
      saw: (fix) => {
        if (isOver) return;
        this.fix.value = fix;
        this.tell({ name: "located", isLinked: isLinked() });
        reporter.saw(fix);
      },
      failed: (why) => {
        if (!isOver) this.tell({ name: why });
      },
    };
    const reporter = new Reporter({ clock, report, ask: () => locator.ask(listener) });
    const unwatch = locator.watch(listener);
    this.#end = () => {
      isOver = true;
      unwatch();
      reporter.close();
    };
  }
}
