/** What happens in a world, by one seed. */
import { seeded } from "../../support/random.ts";
import type { Wishes } from "./following.ts";
import type { BrokerKind, Place } from "./node.ts";
import { transports, Visitor, World } from "./world.ts";

/** How often what happened. */
export type Counts = Readonly<Record<string, number>>;

const channels = ["board:a", "short:a", "ranked:a"] as const;
const colors = ["red", "blue", "green"];
const rounds = 3;
const actsPerRound = 45;

export async function play(seed: number, kind: BrokerKind, kv: Deno.Kv): Promise<Counts> {
  const native = Math.random;
  // A course of its own each, so that what the code under test draws does not change what happens.
  Math.random = seeded(seed + 1_000_003);
  try {
    return await new Script(seeded(seed), seeded(seed + 2_000_003), kind, kv).run();
  } finally {
    Math.random = native;
  }
}

class Script {
  readonly #random: () => number;
  readonly #world: World;
  readonly #kind: BrokerKind;
  readonly #used: readonly string[];
  readonly #keys: number;
  readonly #length: number;
  readonly #writing = new Map<Promise<unknown>, Place>();
  #value = 0;

  constructor(random: () => number, ofBus: () => number, kind: BrokerKind, kv: Deno.Kv) {
    this.#random = random;
    this.#kind = kind;
    const of = <Choice>(...choices: readonly Choice[]): Choice => this.#one(choices);
    this.#world = new World({
      kind,
      kv,
      random: ofBus,
      loss: of(0, 0.3, 0.9),
      kept: of(5, 20, 60, 400),
      ttlMs: of(4_000, 15_000),
    });
    this.#used = of<readonly string[]>(
      ...channels.map((one) => [one] as const),
      ["board:a", "short:a"],
      ["short:a", "ranked:a"],
    );
    // Some snapshots have pages by their count, some by their length.
    this.#keys = of(4, 12, 30, 260);
    this.#length = this.#keys < 100 ? of(1, 1, 1, 40_000) : 1;
  }

  async run(): Promise<Counts> {
    await using world = this.#world;
    const nodes = this.#kind === "edge" ? 1 + this.#below(2) : 1;
    for (let n = 0; n < nodes; n++) world.places.push(world.engine.open());
    if (this.#keys > 100) { for (let n = 0; n < this.#keys; n++) this.#publish(n); }
    for (let n = 2 + this.#below(5); n > 0; n--) world.visitors.push(this.#visitor());
    for (let round = 0; round < rounds; round++) {
      for (let n = 0; n < actsPerRound; n++) await this.#act();
      await world.settle();
      await world.quiet(this.#used, (visitor) => this.#connect(visitor));
      await this.#written();
      const [error] = world.engine.errors;
      if (error !== undefined) throw new Error(error);
      for (const { following: { faults } } of world.visitors) {
        if (faults.length > 0) throw faults[0];
      }
      await world.check(this.#used);
    }
    return this.#summed();
  }

  async #act(): Promise<void> {
    await this.#weighted<() => void | Promise<void>>([
      [20, () => this.#publish(this.#below(this.#keys))],
      [6, () => this.#burst()],
      [6, () => this.#remove()],
      [4, () => this.#one(this.#world.visitors).cut()],
      [8, () => this.#connect(this.#one(this.#world.visitors))],
      [4, () => this.#stall(true)],
      [5, () => this.#stall(false)],
      [0.4, () => this.#clear()],
      [0.8, () => this.#kill()],
      [0.8, () => this.#upheaval()],
      [2, () => this.#world.hurry(this.#below(6_000))],
    ])();
    if (this.#random() < 0.5) await this.#world.pass(this.#below(80));
    else if (this.#random() < 0.3) await this.#world.settle();
  }

  #publish(n: number): void {
    const place = this.#one(this.#world.places);
    const data = { value: ++this.#value, ...(this.#length > 1 && { filler: this.#filler() }) };
    const tags = { color: this.#one(colors) };
    const score = this.#below(10);
    const channel = this.#one(this.#used);
    this.#write(place, place.node.publisher.publishKey(channel, `k${n}`, data, { tags, score }));
  }

  #burst(): void {
    const keys = 1 + this.#below(this.#keys);
    for (let n = this.#below(this.#length > 1 ? 20 : 60); n > 0; n--) {
      this.#publish(this.#below(keys));
    }
  }

  #remove(): void {
    const place = this.#one(this.#world.places);
    const key = `k${this.#below(this.#keys)}`;
    this.#write(place, place.node.publisher.removeKey(this.#one(this.#used), key));
  }

  #clear(): void {
    const place = this.#one(this.#world.places);
    this.#write(place, place.node.broker.clear(this.#one(this.#used)));
  }

  #kill(): void {
    const { places, engine, visitors } = this.#world;
    const dying = this.#one(places);
    dying.kill();
    for (const visitor of visitors) if (!visitor.line?.isOpen) visitor.line = undefined;
    this.#world.places = [...places.filter((place) => place !== dying), engine.open()];
  }

  /** A channel begins anew while everybody comes back. */
  #upheaval(): void {
    const { visitors } = this.#world;
    this.#burst();
    for (const visitor of visitors) this.#connect(visitor);
    this.#clear();
    if (this.#random() < 0.5) this.#burst();
    for (const visitor of visitors) if (this.#random() < 0.3) this.#connect(visitor);
  }

  #stall(stalled: boolean): void {
    const { line } = this.#one(this.#world.visitors);
    if (line !== undefined) line.stalled = stalled;
  }

  /** Leaves where it was, if it was anywhere. */
  #connect(visitor: Visitor): void {
    visitor.cut();
    const open = this.#one(transports);
    const by = this.#random() < 0.5 ? "cursor" : "position";
    visitor.line = open(this.#one(this.#world.places), visitor.following, by);
  }

  #visitor(): Visitor {
    const wishes: Wishes = {
      channels: this.#used,
      filter: this.#one([null, null, "color=red", "color!=blue"]),
      maxRate: this.#one([null, null, 5, 1]),
    };
    return new Visitor(wishes);
  }

  #write(place: Place, written: Promise<unknown>): void {
    this.#writing.set(written, place);
    // Looked at when it is quiet.
    written.catch(() => {});
  }

  /** Who has died answers nobody. */
  async #written(): Promise<void> {
    for (const [written, place] of this.#writing) if (!place.isDead) await written;
    this.#writing.clear();
  }

  #summed(): Record<string, number> {
    const sum = { ...this.#world.engine.counts };
    for (const { following } of this.#world.visitors) {
      for (const [name, n] of Object.entries(following.tally)) sum[name] = (sum[name] ?? 0) + n;
      for (const { changes } of following.mirrors.values()) {
        sum["changes"] = (sum["changes"] ?? 0) + changes;
      }
    }
    return sum;
  }

  #filler(): string {
    return "x".repeat(this.#length - this.#below(1_000));
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #one<Item>(items: readonly Item[]): Item {
    const item = items[this.#below(items.length)];
    if (item === undefined) throw new Error("there is nothing to choose from");
    return item;
  }

  #weighted<Item>(items: readonly (readonly [number, Item])[]): Item {
    const sum = items.reduce((total, [weight]) => total + weight, 0);
    let at = this.#random() * sum;
    for (const [weight, item] of items) {
      at -= weight;
      if (at < 0) return item;
    }
    throw new Error("there is nothing to choose from");
  }
}
