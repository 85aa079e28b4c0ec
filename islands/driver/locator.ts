/// <reference lib="dom" />
/** The device's sense of place. */
import { type Fix, fixOf } from "./fix.ts";
import type { Ability } from "./machine.ts";

export interface Listener {
  readonly saw: (fix: Fix) => void;
  /** `lost`: for now. */
  readonly failed: (why: "denied" | "lost") => void;
}

export interface Locator {
  readonly ability: Ability;
  /** Asks for consent, where the reader has not been asked yet. @returns what ends it */
  watch(listener: Listener): () => void;
  /** Where it is now, once. */
  ask(listener: Listener): void;
}

const options: PositionOptions = { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 };
/** GeolocationPositionError.PERMISSION_DENIED; the others pass. */
const denied = 1;

export function browserLocator({ isSecureContext, navigator }: typeof globalThis): Locator {
  const geolocation: Geolocation | undefined = navigator.geolocation;
  const ability = !isSecureContext
    ? "insecure"
    : geolocation === undefined
    ? "unsupported"
    : "able";
  const handlers = ({ saw, failed }: Listener) =>
    [
      (position: GeolocationPosition) => {
        const fix = fixOf(position, Date.now());
        if (fix !== null) saw(fix);
      },
      ({ code }: GeolocationPositionError) => failed(code === denied ? "denied" : "lost"),
      options,
    ] as const;
  return {
    ability,
    watch(listener) {
      const id = geolocation.watchPosition(...handlers(listener));
      return () => geolocation.clearWatch(id);
    },
    ask(listener) {
      geolocation.getCurrentPosition(...handlers(listener));
    },
  };
}
