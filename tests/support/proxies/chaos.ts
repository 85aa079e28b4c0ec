/** A relay that behaves in another way every second, by a seed. */
import { seeded } from "../random.ts";
import { type Clock, realClock } from "./clock.ts";
import { type CutHow, describeManner, type Manner, type Way } from "./manner.ts";
import type { DarkFate, Relay } from "./relay.ts";

export interface ChaosOptions {
  /** How long one behaviour lasts; 1,000 when absent. */
  readonly everyMs?: number;
  readonly clock?: Clock;
}

export interface Chaos extends AsyncDisposable {
  readonly seed: number;
  /** What it did, the latest last. */
  readonly log: readonly string[];
}

const maxLog = 1_000;

/** Begins at once; disposing it leaves the relay calm. The same seed gives the same behaviours. */
export function chaos(relay: Relay, seed: number, options: ChaosOptions = {}): Chaos {
  const { everyMs = 1_000, clock = realClock } = options;
  const random = seeded(seed);
  const log: string[] = [];
  let turns = 0;
  let turn = Promise.resolve();
  let callOff = () => {};
  const next = () => {
    const at = turns++ * everyMs;
    callOff = clock.after(everyMs, next);
    turn = behave(relay, random).catch((error) => `failed: ${error}`).then((what) => {
      if (log.push(`${at} ms ${what}`) > maxLog) log.shift();
    });
  };
  next();
  return {
    seed,
    log,
    async [Symbol.asyncDispose]() {
      callOff();
      await turn;
      await relay.calm();
    },
  };
}

/**
 * Runs a test while each relay is in a chaos of its own; their seeds follow each other.
 * @throws Error that tells the seed and what the relays did last, caused by what the test threw.
 */
export async function underChaos<T>(
  relays: readonly Relay[],
  seed: number,
  run: () => Promise<T>,
  options: ChaosOptions = {},
): Promise<T> {
  await using all = new AsyncDisposableStack();
  const running = relays.map((relay, i) => all.use(chaos(relay, seed + i, options)));
  try {
    return await run();
  } catch (error) {
    const last = running.map(({ seed, log }) => `seed ${seed}: ${log.slice(-5).join("; ")}`);
    throw new Error(`in the chaos of SEED=${seed}: ${error}\n${last.join("\n")}`, { cause: error });
  }
}

/** Does it, and tells what it has done. */
type Behaviour = (relay: Relay, random: () => number) => string;

/** The relay is calm but for what is drawn. */
async function behave(relay: Relay, random: () => number): Promise<string> {
  await relay.calm();
  return draw(behaviours, random)(relay, random);
}

function draw<T>(list: readonly [T, ...T[]], random: () => number): T {
  return list[Math.floor(random() * list.length)] ?? list[0];
}

const upTo = (max: number, random: () => number) => 1 + Math.floor(random() * max);
const how = (random: () => number): CutHow => draw(["fin", "rst"], random);

const calm: Behaviour = () => "calm";
const cut: Behaviour = (relay, random) => {
  const chosen = how(random);
  relay.cut(chosen);
  return `cut (${chosen})`;
};
const refuse: Behaviour = (relay, random) => {
  const chosen = how(random);
  relay.cut(chosen);
  relay.refuse();
  return `cut (${chosen}) and refuse`;
};
const dark: Behaviour = (relay, random) => {
  const fate = draw<DarkFate>(["resume", "lost"], random);
  relay.goDark(fate);
  return `dark (${fate})`;
};

function oneWay(make: (random: () => number) => Manner): Behaviour {
  return (relay, random) => {
    const way = draw<Way | "both">(["up", "down", "both"], random);
    const manner = make(random);
    relay.set(way, manner);
    return `${way}: ${describeManner(manner)}`;
  };
}

/** A list that has some twice: what is met more often. */
const behaviours: readonly [Behaviour, ...Behaviour[]] = [
  calm,
  calm,
  calm,
  oneWay((random) => ({ name: "delay", maxMs: upTo(2_000, random) })),
  oneWay((random) => ({ name: "delay", maxMs: upTo(200, random) })),
  oneWay((random) => ({ name: "crumble", maxBytes: upTo(20, random) })),
  oneWay(() => ({ name: "stall" })),
  oneWay((random) => ({ name: "cut", afterBytes: upTo(4_000, random), how: how(random) })),
  cut,
  refuse,
  dark,
];
