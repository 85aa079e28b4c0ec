/**
 * The life of a client, without any input or output.
 *
 *     idle ──open──▶ connecting ──up──▶ online ──down──▶ waiting ──due──▶ connecting
 *                     several transports    a better transport
 *                     side by side          tried beside it
 *
 *     any ──network gone──▶ offline ──network back──▶ connecting
 *     any ──close, or refused──▶ closed
 *
 * The ladder is the list of transports, best first. The next one is tried beside one that takes
 * long, and in place of one that fails; the first that is up is used, and a better one that comes up
 * later takes over. `docs/client.md` draws it.
 */
import type { TransportName } from "./api.ts";

export type State =
  | { readonly name: "idle"; readonly trail: Trail }
  /** `next` is the place in the ladder of the transport to try after these. */
  | { readonly name: "connecting"; readonly trying: Trying; readonly next: number; trail: Trail }
  /** `trying` are better ones. */
  | { readonly name: "online"; readonly transport: TransportName; trying: Trying; trail: Trail }
  | { readonly name: "waiting"; readonly reason: string; readonly trail: Trail }
  | { readonly name: "offline"; readonly trail: Trail }
  | { readonly name: "closed"; readonly code: number; readonly reason: string };

type Trying = readonly TransportName[];
type Open = Exclude<State, { name: "closed" }>;
type Online = Extract<State, { name: "online" }>;
type Connecting = Extract<State, { name: "connecting" }>;

/** What earlier attempts have shown. */
export interface Trail {
  /** Place in the ladder of the transport to begin with. */
  readonly floor: number;
  /** Attempts in vain since a connection last lived for a while. */
  readonly failures: number;
  /** How often in a row a connection was cut soon after it was up. */
  readonly cuts: number;
  /** Attempts at a better transport, in vain. */
  readonly returns: number;
}

/** Why a connection is not, or no longer, there. */
export type Down =
  /** May work another time: not before `afterMs`, or at once where `again` says so. */
  | {
    readonly kind: "lost";
    readonly reason: string;
    afterMs?: number;
    readonly again?: boolean;
    /** Nothing was heard for too long. */
    readonly silent?: boolean;
  }
  /** Will not work another time. */
  | { readonly kind: "refused"; readonly code: number; readonly reason: string };

export type Event =
  | { readonly kind: "open" }
  | { readonly kind: "up"; readonly transport: TransportName }
  | { kind: "down"; readonly transport: TransportName; readonly why: Down; livedMs: number }
  /** The timer that was asked for last. */
  | { readonly kind: "due" }
  /** What the device says of its network. */
  | { readonly kind: "network"; readonly on: boolean }
  /** The page is looked at again. */
  | { readonly kind: "wake" }
  /** Nothing is subscribed to any more. */
  | { readonly kind: "unused" }
  | { readonly kind: "close" };

/** A timer ends with its state, and when there is another. */
export type Effect =
  | { readonly kind: "connect"; readonly transport: TransportName }
  | { readonly kind: "drop"; readonly transport: TransportName }
  /** Note it for the next time. */
  | { readonly kind: "remember"; readonly transport: TransportName }
  | { readonly kind: "hedge" }
  | { readonly kind: "retry"; readonly failures: number; readonly atLeastMs: number }
  | { readonly kind: "return"; readonly returns: number }
  /** Find out whether the connection is alive. */
  | { readonly kind: "check" };

type Step = [State, readonly Effect[]];

/** A connection that ends sooner counts as cut. */
export const shortMs = 5_000;
/** After so many cuts in a row the next transport is preferred. */
const patience = 3;

export const unproven: Trail = { floor: 0, failures: 0, cuts: 0, returns: 0 };

/** Events that a state does not expect leave it as it is. */
export function transition(state: State, event: Event, ladder: readonly TransportName[]): Step {
  if (state.name === "closed") return [state, []];
  if (event.kind === "close") return leave(state, { name: "closed", code: 0, reason: "closed" });
  const { trail } = state;
  if (event.kind === "unused") return leave(state, { name: "idle", trail });
  if (event.kind === "network" && !event.on && state.name !== "idle") {
    return leave(state, { name: "offline", trail });
  }
  if ("transport" in event && !held(state).includes(event.transport)) return [state, []];
  switch (state.name) {
    case "idle":
      return event.kind === "open" ? begin(trail, ladder) : [state, []];
    case "offline":
      return event.kind === "network" ? begin(trail, ladder) : [state, []];
    case "waiting":
      return event.kind === "due" || event.kind === "wake" || event.kind === "network"
        ? begin(trail, ladder)
        : [state, []];
    case "connecting":
      if (event.kind === "up") return arrive(state, event.transport, ladder);
      if (event.kind === "due") return tryNext(state, ladder);
      return event.kind === "down" ? failed(state, event, ladder) : [state, []];
    case "online":
      if (event.kind === "up") return arrive(state, event.transport, ladder);
      if (event.kind === "due" && state.trying.length === 0) return tryBetter(state, 0, ladder);
      // The network may be another one by now.
      if (event.kind === "wake" || event.kind === "network") return [state, [{ kind: "check" }]];
      if (event.kind !== "down") return [state, []];
      return event.transport === state.transport
        ? lost(state, event, ladder)
        : returnFailed(state, event, ladder);
  }
}

function begin(trail: Trail, ladder: readonly TransportName[]): Step {
  return tryNext({ name: "connecting", trying: [], next: trail.floor, trail }, ladder);
}

/** Starts the next transport, if there is one, beside those that are being tried. */
function tryNext(state: Connecting, ladder: readonly TransportName[]): Step {
  const transport = ladder[state.next];
  if (transport === undefined) return [state, []];
  const next = state.next + 1;
  const effects: Effect[] = [{ kind: "connect", transport }];
  if (next < ladder.length) effects.push({ kind: "hedge" });
  return [{ ...state, trying: [...state.trying, transport], next }, effects];
}

/** One of those being tried is up: it takes over, and only better ones are tried on. */
function arrive(
  { trying, trail, ...before }: Connecting | Online,
  transport: TransportName,
  ladder: readonly TransportName[],
): Step {
  const floor = ladder.indexOf(transport);
  const better = trying.filter((one) => ladder.indexOf(one) < floor);
  const others = trying.filter((one) => one !== transport && !better.includes(one));
  if (before.name === "online") others.push(before.transport);
  const cuts = floor === trail.floor ? trail.cuts : 0;
  const state: Online = {
    name: "online",
    transport,
    trying: better,
    trail: { ...trail, floor, cuts },
  };
  const effects = others.map((one): Effect => ({ kind: "drop", transport: one }));
  return [state, [...effects, { kind: "remember", transport }, ...returning(state)]];
}

/** Asks for the time to try a better transport, where there is one. */
function returning({ trying, trail: { floor, returns } }: Online): Effect[] {
  return floor > 0 && trying.length === 0 ? [{ kind: "return", returns }] : [];
}

function failed(
  state: Connecting,
  { transport, why }: Extract<Event, { kind: "down" }>,
  ladder: readonly TransportName[],
): Step {
  if (why.kind === "refused") return refused(state, why);
  if (why.again) return [state, [{ kind: "connect", transport }]];
  const trying = state.trying.filter((one) => one !== transport);
  const rest: Connecting = { ...state, trying };
  // The server itself asks for patience: another transport would ask the same server.
  if (why.afterMs !== undefined) return wait(rest, state.trail.failures + 1, why);
  if (state.next < ladder.length) return tryNext(rest, ladder);
  if (trying.length > 0) return [rest, []];
  // None of them: next time the best may work again.
  return wait({ ...rest, trail: { ...state.trail, floor: 0 } }, state.trail.failures + 1, why);
}

function refused(state: Open, { code, reason }: Extract<Down, { kind: "refused" }>): Step {
  return leave(state, { name: "closed", code, reason });
}

function lost(
  state: Online,
  { transport, why, livedMs }: Extract<Event, { kind: "down" }>,
  ladder: readonly TransportName[],
): Step {
  if (why.kind === "refused") return refused(state, why);
  const isShort = livedMs < shortMs && !why.again;
  const { floor, returns } = state.trail;
  const lived: Trail = { ...state.trail, cuts: 0, returns: floor > 0 ? returns : 0 };
  const trail = isShort ? cut(state.trail, ladder) : lived;
  const { trying } = state;
  const next = ladder.indexOf(transport);
  const connecting: Connecting = { name: "connecting", trying, next, trail };
  if (why.again) return tryNext(connecting, ladder);
  if (trying.length > 0) return [connecting, [{ kind: "hedge" }]];
  return wait({ ...state, trail }, isShort ? trail.failures + 1 : 1, why);
}

function cut(trail: Trail, ladder: readonly TransportName[]): Trail {
  const cuts = trail.cuts + 1;
  if (cuts < patience) return { ...trail, cuts };
  // None lives long: the best may by now.
  if (trail.floor + 1 >= ladder.length) return { ...trail, floor: 0, cuts: 0 };
  return { ...trail, floor: trail.floor + 1, cuts: 0, failures: 0, returns: trail.returns + 1 };
}

function tryBetter(state: Online, place: number, ladder: readonly TransportName[]): Step {
  const transport = ladder[place];
  if (transport === undefined || place >= state.trail.floor) {
    const returns = state.trail.returns + 1;
    const given: Online = { ...state, trying: [], trail: { ...state.trail, returns } };
    return [given, returning(given)];
  }
  return [{ ...state, trying: [transport] }, [{ kind: "connect", transport }]];
}

/** A better transport is not to be had: the next one down may be, and is better still. */
function returnFailed(
  state: Online,
  { transport, why }: Extract<Event, { kind: "down" }>,
  ladder: readonly TransportName[],
): Step {
  if (why.kind === "lost" && why.again) return [state, [{ kind: "connect", transport }]];
  const trying = state.trying.filter((one) => one !== transport);
  if (trying.length > 0) return [{ ...state, trying }, []];
  return tryBetter({ ...state, trying }, ladder.indexOf(transport) + 1, ladder);
}

function wait(
  state: Connecting | Online,
  failures: number,
  { reason, afterMs = 0 }: Extract<Down, { kind: "lost" }>,
): Step {
  const [, effects] = leave(state, { name: "idle", trail: state.trail });
  const waiting: State = { name: "waiting", reason, trail: { ...state.trail, failures } };
  return [waiting, [...effects, { kind: "retry", failures, atLeastMs: afterMs }]];
}

function leave(state: Open, to: State): Step {
  return [to, held(state).map((transport) => ({ kind: "drop", transport }))];
}

/** The transports of which there are links. */
export function held(state: State): Trying {
  const trying = "trying" in state ? state.trying : [];
  return state.name === "online" ? [state.transport, ...trying] : trying;
}
