import { type ProxyKind, proxyKinds } from "../../support/proxies/mod.ts";

/**
 * How the stream is published: in two halves, and nothing in between, for there are proxies that cut
 * what is silent.
 */
export interface Pace {
  /** Of each half. */
  readonly halfMs: number;
  readonly silentMs: number;
}

export interface Case extends ProxyKind, Pace {
  /** What the client has to have gone through, or the proxy did not do what it is there for. */
  readonly reconnects?: number;
}

const usual: Pace = { halfMs: 8_000, silentMs: 7_000 };
const special: Readonly<Record<string, Partial<Case>>> = {
  // It is over when the second half begins.
  "relay that is dark for 30 s": { silentMs: 24_000, reconnects: 1 },
  "nginx that cuts after 10 s": { reconnects: 1 },
  // More than twice what it bears, for the server's sign of life may come in the middle of it.
  "HAProxy with short timeouts": { silentMs: 11_000, reconnects: 1 },
  "relay that cuts in mid-frame": { reconnects: 5 },
};

/** In the order of the table. */
export const cases: readonly Case[] = proxyKinds.map((kind) => ({
  ...kind,
  ...usual,
  ...special[kind.name],
}));
