/** Tells a state channel the shop's figures whenever this isolate has changed them. */
import type { Clock } from "../clock.ts";
import { deleteAll } from "../kv/delete_all.ts";
import type { StreamPosition } from "../protocol/publication.ts";
import { backoff } from "./backoff.ts";
import { keys } from "./context.ts";
import type { QuarterFigures } from "./events.ts";
import { listFigures, oldest, quarterOf, readFigures } from "./figures.ts";

/**
 * Publishes a quarter's figures unless those of a version as high were published: isolates may
 * overtake each other.
 */
export type PublishFigures = (
  figures: QuarterFigures,
  version: number,
) => Promise<StreamPosition | null>;

export interface FigureTellerOptions {
  readonly kv: Deno.Kv;
  readonly clock: Clock;
  readonly publish: PublishFigures;
  readonly onError: (error: unknown, stage: "figures") => void;
}

/** Changes that come together are told together, so often at most. */
const everyMs = 200;
const retry = { minMs: 500, maxMs: 30_000 };

export class FigureTeller {
  readonly #options: FigureTellerOptions;
  /** Quarters to be told; null: all there are. */
  #due: Set<number> | null = null;
  #state: "idle" | "telling" | "resting" | "closed" = "idle";
  #telling: Promise<void> = Promise.resolve();
  #failures = 0;
  /** Of the stream that has been told all. */
  #epoch: string | undefined;
  #cleared = 0;
  #cancelTimer: () => void = () => {};

  /** Tells all there is at once: what was published before may have ended with a broker's memory. */
  constructor(options: FigureTellerOptions) {
    this.#options = options;
    this.#begin();
  }

  changed(at: number): void {
    this.#due?.add(quarterOf(at));
    if (this.#state === "idle") this.#begin();
  }

  async close(): Promise<void> {
    this.#state = "closed";
    this.#cancelTimer();
    await this.#telling;
  }

  #begin(): void {
    this.#state = "telling";
    this.#telling = this.#tellAll();
  }

  /** Never rejects. */
  async #tellAll(): Promise<void> {
    const { clock, onError } = this.#options;
    const due = this.#due;
    this.#due = new Set();
    let restMs = everyMs;
    try {
      await this.#forgetOld();
      for (const figures of await this.#read(due)) await this.#tell(figures);
      this.#failures = 0;
    } catch (error) {
      // Told again from the beginning: what was told already is suppressed by its version.
      this.#due = null;
      restMs = backoff(this.#failures++, { ...retry, random: clock.random });
      if (!this.#isClosed()) onError(error, "figures");
    }
    if (this.#isClosed()) return;
    this.#state = "resting";
    this.#cancelTimer = clock.after(restMs, () => {
      this.#state = "idle";
      if (this.#due === null || this.#due.size > 0) this.#begin();
    });
  }

  async #read(due: ReadonlySet<number> | null): Promise<QuarterFigures[]> {
    const { clock } = this.#options;
    if (due === null) return await listFigures(this.#options, oldest(clock.now()));
    const read = await Promise.all([...due].map((from) => readFigures(this.#options, from)));
    return read.filter((one) => one !== undefined);
  }

  async #tell(figures: QuarterFigures): Promise<void> {
    if (this.#isClosed()) return;
    // Grows with every change: an order is placed once and cancelled once at most.
    const version = figures.minutes.reduce((sum, n) => sum + n, figures.cancelled);
    const position = await this.#options.publish(figures, version);
    const epoch = position?.epoch;
    if (this.#epoch !== undefined && epoch !== this.#epoch) this.#due = null;
    this.#epoch = epoch;
  }

  async #forgetOld(): Promise<void> {
    const { kv, clock } = this.#options;
    const before = oldest(clock.now());
    if (this.#cleared === before) return;
    await deleteAll(
      kv,
      kv.list({ prefix: [...keys.figures], end: [...keys.figuresOf(before)] }),
    );
    this.#cleared = before;
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }
}
