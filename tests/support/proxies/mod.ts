/** All proxies of the tests; those of programs are there where the program is (programs.ts). */
import type { Program } from "../programs.ts";
import { startHaproxy } from "./haproxy.ts";
import {
  startBufferingNginx,
  startCuttingNginx,
  startNginx,
  startNginxWithoutUpgrade,
} from "./nginx.ts";
import type { Proxy } from "./proxy.ts";
import {
  startCuttingRelay,
  startDarkRelay,
  startDelayingRelay,
  startStallingRelay,
} from "./scripted.ts";
import { startSquid } from "./squid.ts";

export interface ProxyKind {
  /** As its `name`. */
  readonly name: string;
  readonly needs: readonly Program[];
  readonly start: (upstreamPort: number) => Promise<Proxy>;
}

/** No proxy, in the same form. */
export function startDirect(port: number): Promise<Proxy> {
  return Promise.resolve({
    name: "direct",
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

/** None at all, real programs, and relays by a script. */
export const proxyKinds: readonly ProxyKind[] = [
  { name: "direct", needs: [], start: startDirect },
  { name: "nginx", needs: ["nginx"], start: startNginx },
  { name: "nginx without Upgrade", needs: ["nginx"], start: startNginxWithoutUpgrade },
  { name: "nginx that buffers", needs: ["nginx"], start: startBufferingNginx },
  {
    name: "nginx that cuts after 10 s",
    needs: ["nginx"],
    start: (port) => startCuttingNginx(port),
  },
  { name: "HAProxy with short timeouts", needs: ["haproxy"], start: (port) => startHaproxy(port) },
  { name: "squid with GET and POST alone", needs: ["squid"], start: startSquid },
  { name: "relay that delays by 0 to 2 s", needs: [], start: (port) => startDelayingRelay(port) },
  { name: "relay that stalls", needs: [], start: (port) => startStallingRelay(port) },
  { name: "relay that cuts in mid-frame", needs: [], start: (port) => startCuttingRelay(port) },
  { name: "relay that is dark for 30 s", needs: [], start: (port) => startDarkRelay(port) },
];

export { type Chaos, chaos, underChaos } from "./chaos.ts";
export { environmentOf, type ProxyEnvironment } from "./environment.ts";
export type { CutHow, Manner, Way } from "./manner.ts";
export { chromiumProxy, type Proxy } from "./proxy.ts";
export { type DarkFate, Relay, startRelay } from "./relay.ts";
export { startBufferingNginx, startCuttingNginx, startHaproxy, startNginx };
export { startNginxWithoutUpgrade, startSquid };
