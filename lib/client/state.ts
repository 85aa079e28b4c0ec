/**
 * The life of a client, without any input or output.
 *
 *     idle ──open──▶ opening ──up──▶ online
 *                     ▲  │ down        │ down
 *                     │  ├─▶ opening the next transport of the ladder
 *                     │  ▼             ▼
 *                     └─ waiting ◀─────┘          refused, or close: closed
 *
 * The ladder is the list of transports, best first. One that has never worked is left after one
 * failure; one that has worked before is given a few more, since it is more likely that the server
 * is away for a moment than that the network has changed.
 */
export type TransportName = "websocket" | "sse" | "long_poll";

export type State =
  | { readonly name: "idle" }
  | { readonly name: "opening"; readonly transport: TransportName; readonly trail: Trail }
  | { readonly name: "online"; readonly transport: TransportName; readonly trail: Trail }
  | { readonly name: "waiting"; readonly reason: string; readonly trail: Trail }
  /** For good: the server said not to come back (or the application closed it, code 0). */
  | { readonly name: "closed"; readonly code: number; readonly reason: string };

/** What earlier attempts have shown. */
interface Trail {
  /** The best transport that has ever worked. */
  readonly proven: TransportName | null;
  /** Failures since it last worked for a while. */
  readonly failures: number;
}

/** Why a connection is not, or no longer, there. */
export type Down =
  /** May work another time, not before `afterMs`. */
  | { readonly kind: "lost"; readonly reason: string; readonly afterMs?: number }
  /** The token has expired; with a new one it may work. */
  | { readonly kind: "expired"; readonly reason: string }
  /** Will not work another time. */
  | { readonly kind: "refused"; readonly code: number; readonly reason: string };

export type Event =
  | { readonly kind: "open" }
  | { readonly kind: "up" }
  /** A new token is at hand: the same transport at once. */
  | { readonly kind: "renewed" }
  | { readonly kind: "down"; readonly why: Exclude<Down, { kind: "expired" }>; livedMs: number }
  /** The wait is over. */
  | { readonly kind: "due" }
  | { readonly kind: "close" };

export type Effect =
  | { readonly kind: "connect"; readonly transport: TransportName }
  | { readonly kind: "wait"; readonly failures: number; readonly atLeastMs: number }
  /** Let go of the connection or of the wait. */
  | { readonly kind: "release" };

/** A proven transport is left for the next after this many failures in a row. */
const patience = 3;
/** A connection that ends sooner counts as one more failure: else it would be tried for ever. */
const provenMs = 5_000;

/** Events that a state does not expect leave it as it is. */
export function transition(
  state: State,
  event: Event,
  ladder: readonly TransportName[],
): [State, readonly Effect[]] {
  if (event.kind === "close") return end(state, 0, "closed");
  switch (state.name) {
    case "idle":
      return event.kind === "open" ? begin(ladder, { proven: null, failures: 0 }) : [state, []];
    case "opening":
      if (event.kind === "up") {
        const { transport, trail } = state;
        const proven = better(ladder, transport, trail.proven);
        return [{ name: "online", transport, trail: { ...trail, proven } }, []];
      }
      if (event.kind === "renewed") return [state, [connect(state.transport)]];
      return event.kind === "down" ? failed(state, event.why, ladder) : [state, []];
    case "online":
      if (event.kind === "renewed") {
        return [{ ...state, name: "opening" }, [connect(state.transport)]];
      }
      if (event.kind !== "down") return [state, []];
      if (event.why.kind === "refused") return end(state, event.why.code, event.why.reason);
      return wait(state.trail, event.livedMs >= provenMs ? 1 : state.trail.failures + 1, event.why);
    case "waiting":
      return event.kind === "due" ? begin(ladder, state.trail) : [state, []];
    case "closed":
      return [state, []];
  }
}

function failed(
  { transport, trail }: Extract<State, { name: "opening" }>,
  why: Exclude<Down, { kind: "expired" }>,
  ladder: readonly TransportName[],
): [State, readonly Effect[]] {
  if (why.kind === "refused") return end({ name: "idle" }, why.code, why.reason);
  const next = ladder[ladder.indexOf(transport) + 1];
  const isPatient = transport === trail.proven && trail.failures < patience;
  if (next === undefined || isPatient || why.afterMs !== undefined) {
    return wait(trail, trail.failures + 1, why);
  }
  return [{ name: "opening", transport: next, trail }, [connect(next)]];
}

function begin(ladder: readonly TransportName[], trail: Trail): [State, readonly Effect[]] {
  const transport = trail.proven ?? ladder[0] ?? "long_poll";
  return [{ name: "opening", transport, trail }, [connect(transport)]];
}

function wait(
  trail: Trail,
  failures: number,
  { reason, afterMs = 0 }: Extract<Down, { kind: "lost" }>,
): [State, readonly Effect[]] {
  const state: State = { name: "waiting", reason, trail: { ...trail, failures } };
  return [state, [{ kind: "wait", failures, atLeastMs: afterMs }]];
}

function end(state: State, code: number, reason: string): [State, readonly Effect[]] {
  return state.name === "closed" ? [state, []] : [{ name: "closed", code, reason }, [{
    kind: "release",
  }]];
}

function connect(transport: TransportName): Effect {
  return { kind: "connect", transport };
}

function better(
  ladder: readonly TransportName[],
  one: TransportName,
  other: TransportName | null,
): TransportName {
  return other !== null && ladder.indexOf(other) < ladder.indexOf(one) ? other : one;
}
