/**
 * Tells state channels what the shop holds where they cannot know: in a database older than the
 * channels, and after a stream's life has ended, with the memory of a broker or because somebody
 * cleared it. Values go through the outbox, each in a commit that would fail had it changed: so none
 * comes behind a later one.
 */
import { pause } from "../clock.ts";
import { backoff } from "./backoff.ts";
import { alertEvent } from "./alerts.ts";
import type { Alert } from "./alerts_shape.ts";
import { change } from "./change.ts";
import { keys, limits, type StoreContext } from "./context.ts";
import type { OrderSummary, StockItem, VehiclePosition } from "./events.ts";
import { inWork, orderEvent } from "./orders.ts";
import type { StoreEvent } from "./outbox.ts";
import { stockEvent } from "./stock.ts";
import { vehicleEvent } from "./vehicles.ts";

/** The epoch of a channel's stream, which is given one if it has none. */
export type ReadEpoch = (channel: string) => Promise<string>;

export interface RefillOptions {
  readonly context: StoreContext;
  readonly epoch: ReadEpoch;
  readonly onError: (error: unknown, stage: "refill") => void;
}

/** How much of a part has been told to which life of a stream; isolates share the work by it. */
interface Progress {
  readonly epoch: string;
  /** The last entry told; null: all have been. */
  readonly after: string | null;
}

interface Told {
  readonly entry: { readonly key: Deno.KvKey; readonly versionstamp: string };
  readonly event: StoreEvent;
}

interface Part {
  readonly name: string;
  readonly channel: StoreEvent["channel"];
  /** What follows `after`, at most `chunk`. */
  read(kv: Deno.Kv, after: string): Promise<Told[]>;
}

/** Told in one commit: few, for one of them that changes meanwhile spoils it for all. */
const chunk = 20;
const retry = { minMs: 500, maxMs: 30_000 };
const waitMs = 20;

export const parts: readonly Part[] = [
  ...inWork.map((status) =>
    part<OrderSummary>(`orders ${status}`, "orders:all", keys.ordersByStatus(status), orderEvent)
  ),
  part<StockItem>("stock", "stock:all", keys.allStock, stockEvent),
  part<VehiclePosition>("vehicles", "vehicles:all", keys.vehicles, vehicleEvent),
  part<Alert>("alerts", "alerts:all", keys.alerts, alertEvent),
];

function part<Value>(
  name: string,
  channel: StoreEvent["channel"],
  prefix: readonly Deno.KvKeyPart[],
  tell: (value: Value) => StoreEvent,
): Part {
  return {
    name,
    channel,
    async read(kv, after) {
      const selector = { prefix: [...prefix], start: [...prefix, `${after}\0`] };
      const entries = await Array.fromAsync(kv.list<Value>(selector, { limit: chunk }));
      return entries.map((entry) => ({ entry, event: tell(entry.value) }));
    },
  };
}

export class Refill {
  readonly #options: RefillOptions;
  /** The epochs that are known to be filled, by channel. */
  readonly #filled = new Map<string, string>();
  #state: "idle" | "filling" | "filling, and again" | "resting" | "closed" = "idle";
  #filling: Promise<void> = Promise.resolve();
  #failures = 0;
  #cancelTimer: () => void = () => {};

  /** Begins to look at once. */
  constructor(options: RefillOptions) {
    this.#options = options;
    this.#look();
  }

  /** Something was published into this life of a channel's stream. */
  saw(channel: string, epoch: string): void {
    const filled = this.#filled.get(channel);
    if (filled !== undefined && filled !== epoch) this.#look();
  }

  /** Whoever opens the shop next goes on. */
  async close(): Promise<void> {
    this.#state = "closed";
    this.#cancelTimer();
    await this.#filling;
  }

  #look(): void {
    if (this.#state === "filling") this.#state = "filling, and again";
    if (this.#state !== "idle") return;
    this.#state = "filling";
    this.#filling = this.#fillAll();
  }

  /** Never rejects. */
  async #fillAll(): Promise<void> {
    const { onError, context: { clock } } = this.#options;
    try {
      for (const one of parts) await this.#fill(one);
      this.#failures = 0;
    } catch (error) {
      if (this.#isClosed()) return;
      onError(error, "refill");
      this.#state = "resting";
      const ms = backoff(this.#failures++, { ...retry, random: clock.random });
      this.#cancelTimer = clock.after(ms, () => this.#goOn());
      return;
    }
    if (this.#isClosed()) return;
    const again = this.#state === "filling, and again";
    this.#state = "idle";
    if (again) this.#look();
  }

  #goOn(): void {
    this.#state = "idle";
    this.#look();
  }

  async #fill(one: Part): Promise<void> {
    const { context: { clock, backlog }, epoch: readEpoch } = this.#options;
    const epoch = await readEpoch(one.channel);
    while (!this.#isClosed()) {
      if (await this.#tellChunk(one, epoch)) {
        this.#filled.set(one.channel, epoch);
        return;
      }
      // Changes of the day come first.
      while (backlog.rows > limits.refillRows && !this.#isClosed()) await pause(clock, waitMs);
    }
  }

  /** Whether everything has been told. */
  #tellChunk({ name, read }: Part, epoch: string): Promise<boolean> {
    return change(this.#options.context, async (kv) => {
      const known = await kv.get<Progress>(keys.refilled(name));
      const before = known.value?.epoch === epoch ? known.value : { epoch, after: "" };
      if (before.after === null) return { result: true };
      const told = await read(kv, before.after);
      const last = told.length < chunk ? null : told.at(-1)?.entry.key.at(-1);
      const write = kv.atomic().check(known, ...told.map(({ entry }) => entry))
        .set(keys.refilled(name), { epoch, after: last ?? null } as Progress);
      return { result: last === null, write, events: told.map(({ event }) => event) };
    });
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }
}
