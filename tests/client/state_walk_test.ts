/** The client's machine on networks that change as they like, in time that is not real. */
import assert from "node:assert/strict";
import type { TransportName } from "../../lib/client/api.ts";
import { type Down, type Event, linksOf, type State, unproven } from "../../lib/client/state.ts";
import { type Effect, step } from "./machine.ts";
import { seeded, testSeed } from "../support/random.ts";

/** What a transport does while it is so. */
type Manner = "works" | "cuts" | "hangs" | "fails" | "busy";
const manners: readonly Manner[] = ["works", "cuts", "hangs", "fails", "busy"];
const openMs = 5_000;
const minuteMs = 60_000;

interface Planned {
  readonly at: number;
  readonly event: Event;
  /** Of which link; undefined: of the timer. */
  readonly link: number | undefined;
}

/** The machine, with links and a timer that do what a network makes them do. */
class World {
  readonly manner = new Map<TransportName, Manner>();
  readonly open = new Map<TransportName, number>();
  readonly ladder: readonly TransportName[];
  readonly #random: () => number;
  #now = 0;
  #links = 0;
  #upAt = new Map<number, number>();
  #planned: Planned[] = [];
  state: State = { name: "idle", trail: unproven };

  constructor(ladder: readonly TransportName[], random: () => number) {
    this.ladder = ladder;
    this.#random = random;
  }

  between(least: number, most: number): number {
    return least + this.#random() * (most - least);
  }

  handle(event: Event): void {
    const before = this.state;
    const [state, effects] = step(before, event, this.ladder);
    this.state = state;
    if (before.name === "closed") assert.equal(state, before);
    if (state.name !== before.name) this.#stopTimer();
    for (const effect of effects) this.#perform(effect);
    assert.deepEqual([...this.open.keys()].sort(), [...linksOf(state)].sort());
    const timers = this.#planned.filter(({ link }) => link === undefined).length;
    assert.ok(timers <= 1);
    const isStuck = state.name === "waiting" && timers === 0;
    assert.ok(!isStuck, "waits for nothing");
  }

  /** Lets so much time pass. @returns of it, how long it was online on a transport that works */
  run(ms: number): number {
    const until = this.#now + ms;
    let good = 0;
    for (;;) {
      const next = this.#planned.toSorted((a, b) => a.at - b.at)[0];
      const at = Math.min(next?.at ?? until, until);
      const { state } = this;
      if (state.name === "online" && this.manner.get(state.transport) === "works") {
        good += at - this.#now;
      }
      this.#now = at;
      if (next === undefined || next.at > until) return good;
      this.#planned = this.#planned.filter((one) => one !== next);
      this.#happen(next);
    }
  }

  /** The network breaks what is open. */
  cut(): void {
    for (const [transport, link] of [...this.open]) {
      if (this.open.get(transport) === link) this.#down(transport, link, lost);
    }
  }

  /** Dead links are noticed; for those that were up before their transport turned bad. */
  set(transport: TransportName, manner: Manner): void {
    this.manner.set(transport, manner);
    const link = this.open.get(transport);
    if (link !== undefined && manner !== "works") {
      this.#plan(this.between(0, 40_000), { kind: "down", transport, why: lost, livedMs: 0 }, link);
    }
  }

  #happen({ event, link }: Planned): void {
    if (event.kind === "down" && link !== undefined) {
      if (this.open.get(event.transport) === link) this.#down(event.transport, link, event.why);
    } else if (event.kind === "up" && link !== undefined) {
      if (this.open.get(event.transport) !== link) return;
      this.#upAt.set(link, this.#now);
      this.handle(event);
    } else this.handle(event);
  }

  #down(transport: TransportName, link: number, why: Down): void {
    this.open.delete(transport);
    const upAt = this.#upAt.get(link);
    const livedMs = upAt === undefined ? 0 : this.#now - upAt;
    this.handle({ kind: "down", transport, why, livedMs });
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "connect":
        return this.#connect(effect.transport);
      case "drop":
        return void this.open.delete(effect.transport);
      case "hedge":
        return this.#timer(1_000);
      case "retry": {
        const bound = Math.min(20_000, 500 * 2 ** (effect.failures - 1));
        return this.#timer(Math.max(effect.atLeastMs, this.between(0, bound)));
      }
      case "return":
        return this.#timer(15_000 * 2 ** Math.min(5, effect.returns) * this.between(0.5, 1));
    }
  }

  #connect(transport: TransportName): void {
    assert.ok(!this.open.has(transport), `two attempts by ${transport}`);
    const link = ++this.#links;
    this.open.set(transport, link);
    const manner = this.manner.get(transport) ?? "works";
    const soon = this.between(1, 2_500);
    const ends = (inMs: number, why: Down) =>
      this.#plan(inMs, { kind: "down", transport, why, livedMs: 0 }, link);
    if (manner === "hangs") ends(openMs, lost);
    else if (manner === "fails") ends(soon, lost);
    else if (manner === "busy") ends(soon, { ...lost, afterMs: 3_000 });
    else this.#plan(soon, { kind: "up", transport }, link);
    if (manner === "cuts") ends(soon + this.between(0, 4_900), lost);
  }

  #plan(inMs: number, event: Event, link: number | undefined): void {
    this.#planned.push({ at: this.#now + inMs, event, link });
  }

  #timer(ms: number): void {
    this.#stopTimer();
    this.#plan(ms, { kind: "due" }, undefined);
  }

  #stopTimer(): void {
    this.#planned = this.#planned.filter(({ link }) => link !== undefined);
  }
}

const lost: Down & { kind: "lost" } = { kind: "lost", reason: "cut" };
const all: readonly TransportName[] = ["websocket", "sse", "long_poll"];
const ladders: readonly (readonly TransportName[])[] = [
  all,
  all,
  ["websocket", "sse"],
  ["websocket", "long_poll"],
  ["sse", "long_poll"],
  ["websocket"],
  ["long_poll"],
];

const happenings: readonly ((world: World) => void)[] = [
  (world) => world.run(world.between(0, minuteMs)),
  (world) => world.run(world.between(0, 2_000)),
  (world) => world.cut(),
  (world) => world.handle({ kind: "wake" }),
  (world) => world.handle({ kind: "network", on: false }),
  (world) => world.handle({ kind: "network", on: true }),
  (world) => world.handle({ kind: "unused" }),
  (world) => world.handle({ kind: "open" }),
];

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  assert.ok(item !== undefined);
  return item;
}

Deno.test("client state: walks at random hold, and lead back online", () => {
  const seed = testSeed();
  const random = seeded(seed);
  for (let walk = 0; walk < 400; walk++) {
    const said = `SEED=${seed}, walk ${walk}`;
    const world = new World(pick(ladders, random), random);
    for (let step = 0; step < 150; step++) {
      if (random() < 0.25) world.set(pick(world.ladder, random), pick(manners, random));
      pick(happenings, random)(world);
    }
    world.handle({ kind: "network", on: true });
    world.handle({ kind: "open" });

    const working = pick(world.ladder, random);
    for (const transport of world.ladder) {
      // The word of a server that is busy holds for all transports.
      const bad = pick(manners.filter((one) => one !== "works" && one !== "busy"), random);
      world.set(transport, transport === working ? "works" : bad);
    }
    // The longest wait for a return, and a little.
    assert.ok(world.run(20 * minuteMs) > minuteMs, `${said}: ${JSON.stringify(world.state)}`);

    for (const transport of world.ladder) world.set(transport, "works");
    world.run(20 * minuteMs);
    const { state } = world;
    assert.equal(state.name === "online" && state.transport, world.ladder[0], said);
    assert.ok(world.run(minuteMs) === minuteMs, `${said}: stays there`);

    world.handle({ kind: "close" });
    assert.equal(world.open.size, 0);
    for (const happen of happenings) happen(world);
    assert.deepEqual(world.state, { name: "closed", code: 0, reason: "closed" });
  }
});
