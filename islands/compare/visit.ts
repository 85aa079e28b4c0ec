/// <reference lib="dom" />
/** One visit of the comparison: its token, and its measurements, one at a time. */
import { followTokens, forgetToken } from "../token.ts";
import { compareClocks } from "./clock.ts";
import type { Compare, End } from "./compare.ts";
import { NoFeed, openFeed } from "./feed.ts";
import { type HeadAnswer, headPath, Heads } from "./heads.ts";
import { Measurement } from "./measurement.ts";

export class CompareVisit {
  readonly #compare: Compare;
  #token: string | null = null;
  /** What ends what is under way; undefined: nothing is. */
  #end: ((why: End) => void) | undefined;

  constructor(compare: Compare) {
    this.#compare = compare;
  }

  /** @param own the token that the server gave; null: the viewer brings one. */
  begin(own: string | null): void {
    const { page, phase } = this.#compare;
    page.timeZone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
    phase.value = { name: "idle" };
    // Timers of a hidden page are slowed down, and it shows nothing.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#end?.("hidden");
    });
    addEventListener("pagehide", () => this.#end?.("hidden"));
    if (own !== null) {
      this.#token = own;
      return;
    }
    followTokens((token) => {
      this.#token = token;
      page.access.value = "granted";
    });
  }

  stop(): void {
    this.#end?.("asked");
  }

  async start(): Promise<void> {
    const { phase, ways } = this.#compare;
    const token = this.#token;
    if (token === null || this.#end !== undefined) return;
    for (const way of Object.values(ways)) way.clear();
    this.#compare.seconds.value = 0;
    phase.value = { name: "starting" };
    const { promise: ended, resolve } = Promise.withResolvers<End>();
    this.#end = resolve;
    try {
      const why = await this.#measure(token, ended);
      phase.value = { name: "stopped", why };
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#end = undefined;
    }
  }

  /** Until it ends. @throws NoFeed, and what `fetch` throws */
  async #measure(token: string, ended: Promise<End>): Promise<End> {
    const { everyMs, clockError, phase } = this.#compare;
    const heads = new Heads();
    const clock = await compareClocks(askHead);
    clockError.value = clock.error;
    const feed = await openFeed(token, everyMs.value);
    let measurement: Measurement | undefined;
    try {
      await heads.prepare(token);
      measurement = new Measurement({ compare: this.#compare, token, feed, clock, heads });
      phase.value = { name: "running" };
      return await Promise.race([ended, feed.ended]);
    } finally {
      await measurement?.close();
      feed.close();
    }
  }

  #failed(error: unknown): void {
    const { page, phase } = this.#compare;
    const why = error instanceof NoFeed ? error.why : "unreachable";
    if (why !== "refused") {
      phase.value = { name: "stopped", why };
      return;
    }
    forgetToken();
    this.#token = null;
    phase.value = { name: "idle" };
    page.access.value = "refused";
  }
}

async function askHead(): Promise<HeadAnswer> {
  const response = await fetch(headPath, { cache: "no-store" });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return await response.json();
}
