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
 * later takes over. A state says which transports are to be open, and what is waited for: whoever
 * runs the machine opens, drops and waits accordingly. `docs/client.md` draws it.
 */
import type { TransportName } from "./api.ts";

export type State =
  | { readonly name: "idle" | "offline"; readonly trail: Trail; readonly timer?: undefined }
  | Connecting
  | Online
  | {
    readonly name: "waiting";
    readonly reason: string;
    readonly trail: Trail;
    readonly timer: Timer;
  }
  | {
    readonly name: "closed";
    readonly code: number;
    readonly reason: string;
    readonly timer?: undefined;
  };

type Ladder = readonly TransportName[];

interface Connecting {
  readonly name: "connecting";
  readonly trying: Ladder;
  /** Place in the ladder of the transport to try after these. */
  readonly next: number;
  readonly trail: Trail;
  readonly timer: Timer | undefined;
}

interface Online {
  readonly name: "online";
  readonly transport: TransportName;
  /** Better ones. */
  readonly trying: Ladder;
  readonly trail: Trail;
  readonly timer: Timer | undefined;
}

/** What is waited for; another object is another wait. */
export type Timer =
  /** The next transport is tried beside those that take long. */
  | { readonly kind: "hedge" }
  | { readonly kind: "retry"; readonly failures: number; readonly atLeastMs: number }
  /** A better transport is tried again. */
  | { readonly kind: "return"; readonly returns: number };

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
    readonly afterMs?: number;
    readonly again?: boolean;
  }
  /** Will not work another time. */
  | { readonly kind: "refused"; readonly code: number; readonly reason: string };

export type Event =
  | { readonly kind: "open" }
  | { readonly kind: "up"; readonly transport: TransportName }
  /** It is gone: where the state still has it, it is to be opened anew. */
  | { kind: "down"; readonly transport: TransportName; readonly why: Down; livedMs: number }
  /** What was waited for. */
  | { readonly kind: "due" }
  /** What the device says of its network. */
  | { readonly kind: "network"; readonly on: boolean }
  /** The page is looked at again. */
  | { readonly kind: "wake" }
  /** Nothing is subscribed to any more. */
  | { readonly kind: "unused" }
  | { readonly kind: "close" };

type DownEvent = Extract<Event, { kind: "down" }>;

/** A connection that ends sooner counts as cut. */
export const shortMs = 5_000;
/** After so many cuts in a row the next transport is preferred. */
const patience = 3;

export const unproven: Trail = { floor: 0, failures: 0, cuts: 0, returns: 0 };

/** The transports that are to be open. */
export function linksOf(state: State): Ladder {
  if (state.name === "online") return [state.transport, ...state.trying];
  return state.name === "connecting" ? state.trying : [];
}

/** Events that a state does not expect leave it as it is. */
export function transition(state: State, event: Event, ladder: Ladder): State {
  if (state.name === "closed") return state;
  if ("transport" in event && !linksOf(state).includes(event.transport)) return state;
  const { trail } = state;
  switch (event.kind) {
    case "close":
      return { name: "closed", code: 0, reason: "closed" };
    case "unused":
      return { name: "idle", trail };
    case "network":
      if (!event.on) return state.name === "idle" ? state : { name: "offline", trail };
      return state.name === "offline" || state.name === "waiting" ? begin(trail, ladder) : state;
    case "open":
      return state.name === "idle" ? begin(trail, ladder) : state;
    case "wake":
      return state.name === "waiting" ? begin(trail, ladder) : state;
    case "due":
      if (state.name === "waiting") return begin(trail, ladder);
      if (state.name === "connecting") return tryNext(state, ladder);
      if (state.name !== "online" || state.trying.length > 0) return state;
      return tryBetter(state, 0, ladder);
    case "up":
      return arrive(state, event, ladder);
    case "down":
      if (state.name === "connecting") return failed(state, event, ladder);
      if (state.name !== "online") return state;
      return event.transport === state.transport
        ? lost(state, event, ladder)
        : returnFailed(state, event, ladder);
  }
}

function begin(trail: Trail, ladder: Ladder): State {
  const timer = undefined;
  return tryNext({ name: "connecting", trying: [], next: trail.floor, trail, timer }, ladder);
}

/** Starts the next transport, if there is one, beside those that are being tried. */
function tryNext(state: Connecting, ladder: Ladder): Connecting {
  const transport = ladder[state.next];
  const next = state.next + 1;
  const timer: Timer | undefined = next < ladder.length ? { kind: "hedge" } : undefined;
  if (transport === undefined) return { ...state, timer };
  return { ...state, trying: [...state.trying, transport], next, timer };
}

/** One of those being tried is up: it takes over, and only better ones are tried on. */
function arrive(
  state: Exclude<State, { name: "closed" }>,
  { transport }: { readonly transport: TransportName },
  ladder: Ladder,
): State {
  const floor = ladder.indexOf(transport);
  const { trail } = state;
  const cuts = floor === trail.floor ? trail.cuts : 0;
  return returning({
    name: "online",
    transport,
    trying: linksOf(state).filter((one) => ladder.indexOf(one) < floor),
    trail: { ...trail, floor, cuts },
    timer: undefined,
  });
}

/** Waits for the time to try a better transport, where there is one. */
function returning(state: Online): Online {
  const { trying, trail: { floor, returns } } = state;
  if (floor === 0 || trying.length > 0) return state;
  return { ...state, timer: { kind: "return", returns } };
}

function failed(state: Connecting, { transport, why }: DownEvent, ladder: Ladder): State {
  if (why.kind === "refused") return refused(why);
  if (why.again) return state;
  const trying = state.trying.filter((one) => one !== transport);
  const failures = state.trail.failures + 1;
  // The server itself asks for patience: another transport would ask the same server.
  if (why.afterMs !== undefined) return wait({ ...state.trail, failures }, why);
  if (state.next < ladder.length) return tryNext({ ...state, trying }, ladder);
  if (trying.length > 0) return { ...state, trying };
  // None of them: next time the best may work again.
  return wait({ ...state.trail, failures, floor: 0 }, why);
}

function lost(state: Online, { transport, why, livedMs }: DownEvent, ladder: Ladder): State {
  if (why.kind === "refused") return refused(why);
  const { trying, trail: { floor, returns } } = state;
  const lived: Trail = { floor, cuts: 0, failures: 1, returns: floor > 0 ? returns : 0 };
  const trail = livedMs < shortMs && !why.again ? cut(state.trail, ladder) : lived;
  const next = ladder.indexOf(transport);
  const timer: Timer = { kind: "hedge" };
  const connecting: Connecting = { name: "connecting", trying, next, trail, timer };
  if (why.again) return tryNext(connecting, ladder);
  return trying.length > 0 ? connecting : wait(trail, why);
}

function refused({ code, reason }: Extract<Down, { kind: "refused" }>): State {
  return { name: "closed", code, reason };
}

function cut(trail: Trail, ladder: Ladder): Trail {
  const cuts = trail.cuts + 1;
  const failures = trail.failures + 1;
  if (cuts < patience) return { ...trail, cuts, failures };
  // None lives long: the best may by now.
  if (trail.floor + 1 >= ladder.length) return { ...trail, floor: 0, cuts: 0, failures };
  return { floor: trail.floor + 1, cuts: 0, failures: 1, returns: trail.returns + 1 };
}

function tryBetter(state: Online, place: number, ladder: Ladder): State {
  const transport = ladder[place];
  if (transport !== undefined && place < state.trail.floor) {
    return { ...state, trying: [transport], timer: undefined };
  }
  const returns = state.trail.returns + 1;
  return returning({ ...state, trying: [], trail: { ...state.trail, returns } });
}

/** A better transport is not to be had: the next one down may be, and is better still. */
function returnFailed(state: Online, { transport, why }: DownEvent, ladder: Ladder): State {
  if (why.kind === "lost" && why.again) return state;
  const trying = state.trying.filter((one) => one !== transport);
  if (trying.length > 0) return { ...state, trying };
  return tryBetter({ ...state, trying }, ladder.indexOf(transport) + 1, ladder);
}

function wait(
  trail: Trail,
  { reason, afterMs = 0 }: Extract<Down, { kind: "lost" }>,
): State {
  const timer: Timer = { kind: "retry", failures: trail.failures, atLeastMs: afterMs };
  return { name: "waiting", reason, trail, timer };
}
