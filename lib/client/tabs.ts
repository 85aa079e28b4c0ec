/** The client for pages whose tabs share one connection. */
import type { ChannelTypes, Client, ConnectOptions, Typed } from "./api.ts";
import { checkOptions, rootOf } from "./check.ts";
import { connect as connectAlone, network } from "./client.ts";
import { browserStorage } from "./memory.ts";
import { LeaderWay } from "./tabs/leader_way.ts";
import { type Lives, livesByLocks, lockManager } from "./tabs/lives.ts";
import { PageWay } from "./tabs/page_way.ts";
import { SharedClient } from "./tabs/shared_client.ts";
import type { Way } from "./tabs/way.ts";
import { workerOpener, WorkerWay } from "./tabs/worker_way.ts";

export type * from "./api.ts";

export interface TabsOptions extends Omit<ConnectOptions, "environment"> {
  /** The worker's script, of the page's own origin; `client/worker.js` of the server when absent. */
  readonly worker?: string | URL;
}

/**
 * As the client's `connect`; the tabs of an origin with the same url, options and grant (what the
 * token says, save its times) share one connection. It is kept by a SharedWorker where there can be
 * one, else by one of the tabs; where tabs cannot find each other, each has its own.
 */
export function connect<Types extends Typed<Types> = ChannelTypes>(
  url: string | URL,
  options: TabsOptions = {},
): Client<Types> {
  checkOptions(options);
  const { worker, memory = browserStorage(), token, ...shared } = options;
  const locks = lockManager();
  if (locks === undefined || !("document" in globalThis)) return connectAlone<Types>(url, options);
  const lives = livesByLocks(locks);
  const base = rootOf(url);
  const alone = new PageWay(network);
  const led = "BroadcastChannel" in globalThis ? new LeaderWay(network, lives, alone) : alone;
  const script = new URL(worker ?? new URL("client/worker.js", base), location.href);
  return new SharedClient<Types>({
    setup: { url: base.href, options: plain(shared) },
    token,
    memory,
    way: throughWorker(script, lives, led),
  });
}

/** A page may start workers of its own origin alone. */
function throughWorker(script: URL, lives: Lives, other: Way): Way {
  const open = workerOpener();
  if (open === undefined || script.origin !== location.origin) return other;
  return new WorkerWay(open, script, lives, other);
}

/** In one order, for it names those who share; nothing else could be sent to another tab. */
function plain({ maxRate, batchWindow, transports, backoff, timing }: TabsOptions) {
  return {
    ...(maxRate !== undefined && { maxRate }),
    ...(batchWindow !== undefined && { batchWindow }),
    ...(transports !== undefined && { transports: [...transports] }),
    ...(backoff !== undefined && { backoff: { ...backoff } }),
    ...(timing !== undefined && { timing: { ...timing } }),
  };
}
