import type { Right } from "../channels.ts";
import type { Identity } from "./identity.ts";

/** What an identity has beyond itself, for one channel. */
export interface Standing {
  readonly identity: Identity;
  /** Subscribed; over stateless HTTP: could subscribe. */
  readonly subscribed: boolean;
  /** Holds a subscription token for the channel. */
  readonly token: boolean;
}

export function allows(right: Right, { identity, subscribed, token }: Standing): boolean {
  switch (right) {
    case "anyone":
      return true;
    case "user":
      return !identity.anonymous;
    case "token":
      return token;
    case "subscriber":
      return subscribed;
    case "nobody":
      return false;
  }
}
