import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import type { Fix } from "../../../islands/driver/fix.ts";
import type { Listener } from "../../../islands/driver/locator.ts";
import type { Ability } from "../../../islands/driver/machine.ts";
import { standingMs } from "../../../islands/driver/reporter.ts";
import { Sharing } from "../../../islands/driver/sharing.ts";
import { ScreenLock } from "../../../islands/driver/wake_lock.ts";
import { ManualClock } from "../../store/support.ts";
import { fixAt } from "./support.ts";

function sharing(ability: Ability = "able") {
  const clock = new ManualClock();
  const reported: Fix[] = [];
  const watching: boolean[] = [];
  const device = { listeners: new Set<Listener>(), asked: 0, last: null as Listener | null };
  const it = new Sharing({
    locator: {
      ability,
      watch(listener) {
        device.listeners.add(listener);
        device.last = listener;
        return () => void device.listeners.delete(listener);
      },
      ask: () => void device.asked++,
    },
    clock,
    report: (fix) => void reported.push(fix),
    isLinked: () => true,
    onWatching: (is) => void watching.push(is),
  });
  return { clock, sharing: it, device, reported, watching };
}

Deno.test("sharing: the device is watched from start to stop, and what comes late is ignored", () => {
  const it = sharing();
  it.sharing.start();
  it.sharing.start();
  assert.deepEqual([it.device.listeners.size, it.watching], [1, [true]]);
  it.device.last?.saw(fixAt(1));
  assert.deepEqual([it.sharing.state.value.name, it.reported.length], ["sharing", 1]);
  it.sharing.stop();
  it.device.last?.saw(fixAt(2, 9));
  it.device.last?.failed("denied");
  assert.deepEqual([it.device.listeners.size, it.watching], [0, [true, false]]);
  assert.deepEqual([it.sharing.state.value.name, it.reported.length], ["idle", 1]);
  assert.equal(it.clock.waiting, 0);
  it.sharing.start();
  it.device.last?.saw(fixAt(3));
  assert.equal(it.reported.length, 2);
});

Deno.test("sharing: a refusal ends it, a tunnel does not", () => {
  const it = sharing();
  it.sharing.start();
  it.device.last?.failed("lost");
  assert.deepEqual([it.sharing.state.value.name, it.device.listeners.size], ["unavailable", 1]);
  it.device.last?.saw(fixAt(1));
  it.clock.next();
  it.clock.advance(standingMs);
  assert.equal(it.device.asked, 1);
  it.device.last?.failed("denied");
  assert.deepEqual([it.sharing.state.value.name, it.device.listeners.size], ["denied", 0]);
  assert.deepEqual([it.clock.waiting, it.watching], [0, [true, false]]);
});

Deno.test("sharing: where it is not possible the device is not asked", () => {
  for (const ability of ["insecure", "unsupported"] as const) {
    const it = sharing(ability);
    it.sharing.start();
    assert.deepEqual([it.sharing.state.value.name, it.watching], [ability, []]);
  }
});

/** A document, and a screen that can be kept on, as a browser does. */
function screen() {
  const events = new EventTarget();
  const document = {
    visibilityState: "visible" as DocumentVisibilityState,
    addEventListener: events.addEventListener.bind(events) as Document["addEventListener"],
    removeEventListener: events.removeEventListener.bind(events) as Document["removeEventListener"],
  };
  class Sentinel extends EventTarget {
    readonly type = "screen";
    readonly onrelease = null;
    released = false;
    release(): Promise<void> {
      this.released = true;
      this.dispatchEvent(new Event("release"));
      return Promise.resolve();
    }
  }
  const sentinels: Sentinel[] = [];
  const world = { refuses: false };
  const wakeLock = {
    request(): Promise<WakeLockSentinel> {
      if (world.refuses) return Promise.reject(new DOMException("no", "NotAllowedError"));
      const sentinel = new Sentinel();
      sentinels.push(sentinel);
      return Promise.resolve(sentinel);
    },
  };
  const show = (state: DocumentVisibilityState) => {
    document.visibilityState = state;
    if (state === "hidden") sentinels.forEach((one) => one.released || one.release());
    events.dispatchEvent(new Event("visibilitychange"));
  };
  const rest = () => new Promise<void>((resolve) => setImmediate(() => resolve()));
  return { document, wakeLock, sentinels, world, show, rest };
}

Deno.test("the screen stays on while it is wanted, also after the page was hidden", async () => {
  const it = screen();
  const lock = new ScreenLock(it);
  lock.hold();
  await it.rest();
  assert.equal(lock.awake.value, "on");
  it.show("hidden");
  await it.rest();
  assert.equal(it.sentinels.length, 1);
  it.show("visible");
  await it.rest();
  assert.deepEqual([it.sentinels.length, lock.awake.value], [2, "on"]);
  lock.release();
  assert.deepEqual([it.sentinels.map(({ released }) => released), lock.awake.value], [
    [true, true],
    "off",
  ]);
  it.show("visible");
  await it.rest();
  assert.equal(it.sentinels.length, 2);
});

Deno.test("a screen that cannot be kept on is said to be so", async () => {
  const none = new ScreenLock({ ...screen(), wakeLock: undefined });
  none.hold();
  assert.equal(none.awake.value, "impossible");
  const it = screen();
  it.world.refuses = true;
  const lock = new ScreenLock(it);
  lock.hold();
  await it.rest();
  assert.equal(lock.awake.value, "impossible");
  it.world.refuses = false;
  it.show("visible");
  await it.rest();
  assert.equal(lock.awake.value, "on");
});

Deno.test("a screen that is let go before it was granted is not kept on", async () => {
  const it = screen();
  const lock = new ScreenLock(it);
  lock.hold();
  lock.release();
  await it.rest();
  assert.deepEqual([it.sentinels.map(({ released }) => released), lock.awake.value], [
    [true],
    "off",
  ]);
});
