/** Pages that choose a host among them, over a real BroadcastChannel and locks in memory. */
import assert from "node:assert/strict";
import { deferred } from "../../../lib/client/deferred.ts";
import { LeaderWay } from "../../../lib/client/tabs/leader_way.ts";
import { livesByLocks, type LockManager } from "../../../lib/client/tabs/lives.ts";
import { PageWay } from "../../../lib/client/tabs/page_way.ts";
import { decodeToTab, type ToHost } from "../../../lib/client/tabs/protocol.ts";
import type { Port } from "../../../lib/client/tabs/way.ts";
import { within } from "../../support/clients/eventually.ts";

const openers = {
  websocket: () => ({ update() {}, check() {}, close: () => Promise.resolve() }),
  sse: () => ({ update() {}, check() {}, close: () => Promise.resolve() }),
  long_poll: () => ({ update() {}, check() {}, close: () => Promise.resolve() }),
};
const hello = (tab: string): ToHost => {
  const setup = { url: "http://server.example/", options: {} };
  return { kind: "hello", tab, setup, token: "", memory: null, wanted: [] };
};

/** One name, one holder; the next gets it when the holder lets go. */
function memoryLocks(): LockManager {
  const last = new Map<string, Promise<unknown>>();
  return {
    request(name, { signal }, held) {
      const turn = (last.get(name) ?? Promise.resolve()).then(() => {
        if (signal?.aborted) throw signal.reason;
        return held();
      });
      last.set(name, turn.catch(() => {}));
      return turn;
    },
  };
}

/** A page that greets every host it finds, and the first welcome. */
function page(locks: LockManager, key: string, name: string) {
  const way = new LeaderWay(openers, livesByLocks(locks), new PageWay(openers));
  const welcomed = deferred<string>();
  const found = deferred<void>();
  const port: Port = way.open(key, {
    found() {
      found.resolve();
      port.post(hello(name));
    },
    received(message) {
      const decoded = decodeToTab(message);
      if (decoded?.kind === "welcome") welcomed.resolve(decoded.host);
    },
    failed() {},
  });
  return {
    way,
    port,
    found: found.promise,
    welcomed: within(welcomed.promise, `${name} has a host`),
  };
}

Deno.test("tabs: the first page is the host for all, then the next that is there", async () => {
  const locks = memoryLocks();
  const key = crypto.randomUUID();
  const first = page(locks, key, "1");
  const second = page(locks, key, "2");
  assert.equal(await first.welcomed, await second.welcomed);
  const third = page(locks, key, "3");
  // It seeks, and the host goes before it can be answered.
  const closing = first.way.close();
  const host = await third.welcomed;
  assert.notEqual(host, await first.welcomed);
  await closing;
  await within(Promise.all([second.way.close(), third.way.close()]), "all are closed");
});
