/** Writes keys of its own of a state channel while the server comes and goes. */
import { eventually } from "../../support/clients/eventually.ts";
import { Poster } from "../../support/clients/poster.ts";

/** What a key has by what was acknowledged; null: it was removed. */
export type Written = ReadonlyMap<string, number | null>;

export interface WriterOptions {
  readonly port: number;
  readonly channel: string;
  readonly name: string;
  readonly keys: number;
  readonly random: () => number;
}

export class Writer {
  readonly #options: WriterOptions;
  readonly #acknowledged = new Map<string, number | null>();
  /** Keys whose last write was sent and not answered: it may be kept or not. */
  readonly #open = new Map<string, number | null>();
  readonly #done: Promise<void>;
  #going = true;
  #value = 0;
  #count = 0;
  #waiting: { readonly count: number; readonly wake: () => void } | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  /** Resolves when so many more have been acknowledged. */
  more(count: number): Promise<void> {
    return new Promise((wake) => this.#waiting = { count: this.#count + count, wake });
  }

  async stop(): Promise<{ acknowledged: Written; open: Written }> {
    this.#going = false;
    await this.#done;
    return { acknowledged: this.#acknowledged, open: this.#open };
  }

  async #run(): Promise<void> {
    while (this.#going) {
      await eventually(() => this.#writeWhileItLasts(), "a server to write to", 60_000);
    }
  }

  /** False when nobody listens; true when it is time to connect again, or to stop. */
  async #writeWhileItLasts(): Promise<boolean> {
    let wrote = false;
    try {
      using poster = await Poster.connect(this.#options.port);
      while (this.#going) {
        await this.#write(poster);
        wrote = true;
      }
    } catch {
      // The server has gone: what was on its way may or may not be kept.
    }
    return wrote || !this.#going;
  }

  async #write(poster: Poster): Promise<void> {
    const { channel, name, keys, random } = this.#options;
    const key = `${name}${Math.floor(random() * keys)}`;
    const value = random() < 0.2 ? null : ++this.#value;
    const tags = { color: random() < 0.5 ? "red" : "blue" };
    this.#open.set(key, value);
    const text = value === null
      ? await poster.post("/api/map_remove", JSON.stringify({ channel, key }))
      : await poster.post("/api/map_publish", JSON.stringify({ channel, key, data: value, tags }));
    const { result } = JSON.parse(text) as { result?: unknown };
    if (result === undefined) return;
    this.#open.delete(key);
    this.#acknowledged.set(key, value);
    this.#count++;
    if (this.#waiting === undefined || this.#count < this.#waiting.count) return;
    this.#waiting.wake();
    this.#waiting = undefined;
  }
}
