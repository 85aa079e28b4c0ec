/** Whether the position is shared, and what keeps it from being. */

export type SharingState =
  | { readonly name: "idle" }
  /** For the reader's consent, or for the first position. */
  | { readonly name: "asking" }
  | { readonly name: "sharing" }
  /** Positions come and wait, for the server cannot be reached. */
  | { readonly name: "offline" }
  /** The device does not know where it is, and goes on looking. */
  | { readonly name: "unavailable" }
  /** The reader, or the browser's settings, do not allow it. */
  | { readonly name: "denied" }
  /** The server takes no positions of this vehicle with this token. */
  | { readonly name: "refused" }
  /** Browsers tell positions to pages of secure origins alone. */
  | { readonly name: "insecure" }
  /** The browser knows of no positions. */
  | { readonly name: "unsupported" };

/** Whether this page may ask for positions at all. */
export type Ability = "able" | "insecure" | "unsupported";

export type SharingEvent =
  | { readonly name: "start"; readonly ability: Ability }
  | { readonly name: "stop" }
  /** A position has come. */
  | { readonly name: "located"; readonly isLinked: boolean }
  /** None is to be had. */
  | { readonly name: "lost" }
  | { readonly name: "denied" }
  /** The server has taken what it was sent. */
  | { readonly name: "delivered" }
  | { readonly name: "undelivered" }
  | { readonly name: "refused" };

export const idle: SharingState = { name: "idle" };

/** Whether the device is asked for its positions. */
export function isWatching({ name }: SharingState): boolean {
  return name === "asking" || name === "sharing" || name === "offline" || name === "unavailable";
}

/** The same state where the event changes nothing. */
export function transition(state: SharingState, event: SharingEvent): SharingState {
  switch (event.name) {
    case "start":
      if (isWatching(state)) return state;
      return event.ability === "able" ? { name: "asking" } : { name: event.ability };
    case "stop":
      return isWatching(state) ? idle : state;
    case "located": {
      const name = event.isLinked ? "sharing" : "offline";
      return !isWatching(state) || state.name === name ? state : { name };
    }
    case "lost":
      return isWatching(state) && state.name !== "unavailable" ? { name: "unavailable" } : state;
    case "denied":
      return isWatching(state) ? { name: "denied" } : state;
    case "delivered":
      return state.name === "offline" ? { name: "sharing" } : state;
    case "undelivered":
      return state.name === "sharing" ? { name: "offline" } : state;
    case "refused":
      return state.name === "refused" ? state : { name: "refused" };
  }
}
