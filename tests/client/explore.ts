/** Every state that the client's machine can reach, with every event. */
import type { TransportName } from "../../lib/client/api.ts";
import { type Down, type Event, type State, unproven } from "../../lib/client/state.ts";
import { type Effect, step } from "./machine.ts";

export const ladder: readonly TransportName[] = ["websocket", "sse", "long_poll"];
export const idle: State = { name: "idle", trail: unproven };

/** The events that are no transport's, by the names that the handbook gives them. */
export const plain: Readonly<Record<string, Event>> = {
  open: { kind: "open" },
  due: { kind: "due" },
  "network gone": { kind: "network", on: false },
  "network back": { kind: "network", on: true },
  wake: { kind: "wake" },
  unused: { kind: "unused" },
  close: { kind: "close" },
};
export const downs: Readonly<Record<string, Down>> = {
  lost: { kind: "lost", reason: "cut" },
  later: { kind: "lost", reason: "busy", afterMs: 7_000 },
  again: { kind: "lost", reason: "expired", again: true },
  refused: { kind: "refused", code: 3500, reason: "invalid token" },
};

function eventsOf(transports: readonly TransportName[]): [string, Event][] {
  const ofLinks = transports.flatMap((transport): [string, Event][] => [
    ["up", { kind: "up", transport }],
    ...Object.entries(downs).flatMap(([name, why]): [string, Event][] =>
      [0, 60_000].map((livedMs) => [name, { kind: "down", transport, why, livedMs }])
    ),
  ]);
  return [...Object.entries(plain), ...ofLinks];
}

export interface Seen {
  readonly from: State;
  readonly name: string;
  readonly event: Event;
  readonly to: State;
  readonly effects: readonly Effect[];
}

/** Alike but for counts that only grow. */
export function keyOf(state: State): string {
  if (state.name === "closed") return state.name;
  const { failures, returns, ...trail } = state.trail;
  const counts = { failures: Math.min(failures, 2), returns: Math.min(returns, 2) };
  return JSON.stringify({ ...state, trail: { ...trail, ...counts } });
}

/** Each reachable state with each event; a link says `up` once. */
export function explore(ladder: readonly TransportName[]): Seen[] {
  const seen: Seen[] = [];
  const known = new Map([[keyOf(idle), idle]]);
  for (const from of known.values()) {
    for (const [name, event] of eventsOf(ladder)) {
      const isUsed = from.name === "online" && event.kind === "up" &&
        event.transport === from.transport;
      if (isUsed) continue;
      const [to, effects] = step(from, event, ladder);
      seen.push({ from, name, event, to, effects });
      if (!known.has(keyOf(to))) known.set(keyOf(to), to);
    }
  }
  return seen;
}
