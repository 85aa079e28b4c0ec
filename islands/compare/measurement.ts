/// <reference lib="dom" />
/** One measurement: the four ways side by side, from start to stop. */
import { figuresOf } from "./figures.ts";
import { feedPath } from "./offered.ts";
import { Traffic } from "./traffic.ts";
import { type Way, ways } from "./ways.ts";
import { Bodies } from "./bodies.ts";
import { type Clock, now } from "./clock.ts";
import type { Compare, WayModel } from "./compare.ts";
import type { Feed } from "./feed.ts";
import type { Follower, Sink } from "./follower.ts";
import type { Heads } from "./heads.ts";
import { meteredFetch, type Meters } from "./metered.ts";
import { poll } from "./poll.ts";
import { push } from "./push.ts";
import { Shown } from "./shown.ts";

export interface MeasurementOptions {
  readonly compare: Compare;
  readonly token: string;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly heads: Heads;
}

interface Running {
  readonly model: WayModel;
  readonly traffic: Traffic;
  readonly shown: Shown;
  readonly delays: number[];
  readonly follower: Follower;
}

/** The figures are worked out anew so often. */
const refreshMs = 500;

export class Measurement {
  readonly #options: MeasurementOptions;
  readonly #bodies = new Bodies();
  readonly #startedAt = performance.now();
  readonly #running: readonly Running[];
  readonly #timer: ReturnType<typeof setInterval>;
  #hasEnded = false;

  constructor(options: MeasurementOptions) {
    this.#options = options;
    this.#running = ways.map((way) => this.#begin(way));
    this.#timer = setInterval(() => this.#refresh(), refreshMs);
  }

  /** Resolves when all connections are closed; the figures stay. */
  async close(): Promise<void> {
    this.#refresh();
    this.#hasEnded = true;
    clearInterval(this.#timer);
    await Promise.all(this.#running.map(({ follower }) => follower.close()));
    this.#bodies.close();
  }

  #begin(way: Way): Running {
    const { compare, token, feed, heads } = this.#options;
    const model = compare.ways[way];
    const traffic = new Traffic();
    const delays: number[] = [];
    const shown = this.#shown(way, model, delays);
    const meters = { way, traffic, heads, bodies: this.#bodies };
    model.state.value = { name: "opening" };
    const sink: Sink = {
      is: (state) => {
        if (!this.#hasEnded) model.state.value = state;
      },
      changed: (items) => {
        if (!this.#hasEnded) shown.changed(items);
      },
    };
    const follower = way === "polling"
      ? poll({
        fetch: meteredFetch(meters),
        url: new URL(feedPath(feed.name), location.href),
        token,
        intervalMs: compare.intervalMs.value,
        sink,
      })
      : this.#push(way, meters, sink);
    return { model, traffic, shown, delays, follower };
  }

  #push(transport: Exclude<Way, "polling">, meters: Meters, sink: Sink): Follower {
    const { token, feed } = this.#options;
    return push({ transport, channel: `compare:${feed.name}`, token, meters, sink });
  }

  #shown(way: Way, model: WayModel, delays: number[]): Shown {
    const { clock } = this.#options;
    const element = document.querySelector<HTMLElement>(`[data-latest="${way}"]`);
    return new Shown({
      show: (n) => {
        model.latest.value = n;
      },
      shown: () => Number(element?.textContent?.replace(/\D/g, "")),
      since: (serverTime) => clock.since(serverTime, now()),
      nextFrame: (run) => void requestAnimationFrame(run),
      onDelay: (ms) => {
        if (this.#hasEnded) return;
        delays.push(ms);
        model.delayed(ms);
      },
    });
  }

  #refresh(): void {
    if (this.#hasEnded) return;
    const { compare, feed } = this.#options;
    const windowMs = performance.now() - this.#startedAt;
    const made = feed.made();
    compare.seconds.value = Math.floor(windowMs / 1_000);
    compare.protocol.value = this.#bodies.protocol;
    for (const { model, traffic, shown, delays } of this.#running) {
      model.figures.value = figuresOf({
        windowMs,
        made: shown.madeSince(made),
        delays,
        totals: traffic.totals,
        times: traffic.times(this.#startedAt),
      });
    }
  }
}
