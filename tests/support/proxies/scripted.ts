/** Relays that misbehave by themselves, each in one way. */
import type { Clock } from "./clock.ts";
import { pass } from "./manner.ts";
import { type Relay, type RelayOptions, startRelay } from "./relay.ts";

/** All that goes either way is 0 to 2 s late, in order. */
export function startDelayingRelay(upstreamPort: number, clock?: Clock): Promise<Relay> {
  return start(upstreamPort, clock, {
    name: "relay that delays by 0 to 2 s",
    script: (relay) => {
      relay.set("both", { name: "delay", maxMs: 2_000 });
      return () => {};
    },
  });
}

/** Stalls from the first second on: for 5 s, then passes for 5 s, and so on. */
export function startStallingRelay(upstreamPort: number, clock?: Clock): Promise<Relay> {
  return start(upstreamPort, clock, {
    name: "relay that stalls",
    script: (relay, clock) => {
      const stall = () => {
        relay.set("both", { name: "stall" });
        return 5_000;
      };
      const go = () => {
        relay.set("both", pass);
        return 5_000;
      };
      return inTurn(clock, 1_000, [stall, go]);
    },
  });
}

/** Resets each connection after 50,001 bytes to the client: sooner or later within a frame. */
export function startCuttingRelay(upstreamPort: number, clock?: Clock): Promise<Relay> {
  return start(upstreamPort, clock, {
    name: "relay that cuts in mid-frame",
    script: (relay) => {
      relay.set("down", { name: "cut", afterBytes: 50_001, how: "rst" });
      return () => {};
    },
  });
}

/** Two seconds after its start it is dark for 30 s; the connections of before are lost. */
export function startDarkRelay(upstreamPort: number, clock?: Clock): Promise<Relay> {
  return start(upstreamPort, clock, {
    name: "relay that is dark for 30 s",
    script: (relay, clock) =>
      clock.after(2_000, () => {
        relay.darkFor(30_000, "lost");
      }),
  });
}

function start(upstreamPort: number, clock: Clock | undefined, options: RelayOptions) {
  return startRelay(upstreamPort, { ...options, ...(clock && { clock }) });
}

/** @param steps each returns the milliseconds until the next. */
function inTurn(clock: Clock, firstMs: number, steps: readonly (() => number)[]): () => void {
  let turn = 0;
  let callOff = () => {};
  const next = () => {
    const ms = steps[turn++ % steps.length]?.() ?? firstMs;
    callOff = clock.after(ms, next);
  };
  callOff = clock.after(firstMs, next);
  return () => callOff();
}
