/// <reference lib="dom" />
/** From the moment there is a token for a vehicle until there is another. */
import { effect } from "@preact/signals";
import type { Driver, DriverActions } from "./driver.ts";
import type { Fix } from "./fix.ts";
import { browserLocator } from "./locator.ts";
import { pageClock } from "./page_clock.ts";
import { ServerClock } from "./server_clock.ts";
import { Sharing } from "./sharing.ts";
import { Uplink } from "./uplink.ts";
import { VehicleApi } from "./vehicle_api.ts";
import { Waiting } from "./waiting.ts";
import { ScreenLock } from "./wake_lock.ts";

export interface DriverVisitOptions {
  readonly driver: Driver;
  readonly vehicle: string;
  readonly token: string;
  readonly clock: ServerClock;
}

/** In the tab's storage: the vehicle that is shared, so that a reload goes on with it. */
const sharedKey = "nhip-driver-shared";

export class DriverVisit implements DriverActions {
  readonly #driver: Driver;
  readonly #vehicle: string;
  readonly #api: VehicleApi;
  readonly #waiting: Waiting;
  readonly #uplink: Uplink;
  readonly #sharing: Sharing;
  readonly #screen = new ScreenLock({ wakeLock: navigator.wakeLock, document });
  readonly #ends: (() => void)[] = [];
  /** The reader has stopped: once nothing waits any more, the vehicle is off duty. */
  #isLeaving = false;

  constructor({ driver, vehicle, token, clock }: DriverVisitOptions) {
    this.#api = new VehicleApi({ vehicle, token, clock });
    this.#driver = driver;
    this.#vehicle = vehicle;
    this.#waiting = new Waiting({ storage: storageOrNull("localStorage"), vehicle });
    this.#uplink = new Uplink({
      waiting: this.#waiting,
      post: (reports) => this.#api.post(reports),
      onTaken: (taken) => {
        driver.lastTaken.value = taken;
        this.#leave();
      },
      onRefused: (why) => {
        this.#sharing.tell({ name: "refused" });
        if (why === "unauthorized") driver.page.access.value = "refused";
      },
      clock: pageClock,
    });
    this.#sharing = new Sharing({
      locator: browserLocator(globalThis),
      clock: pageClock,
      report: (fix) => {
        this.#waiting.add(fix);
        this.#uplink.added();
      },
      isLinked: () => this.#uplink.link.value !== "down",
      onWatching: (isWatching) => this.#watching(isWatching),
    });
    this.#ends.push(() => this.#api.close(), ...this.#showAll(), this.#followNetwork());
    driver.map.known.value = driver.map.chosen.value = null;
    driver.actions.value = this;
    this.#uplink.wake();
    if (storageOrNull("sessionStorage")?.getItem(sharedKey) === vehicle) this.start();
  }

  start(): void {
    this.#isLeaving = false;
    this.#sharing.start();
    this.#uplink.retry();
  }

  stop(): void {
    this.#sharing.stop();
    this.#isLeaving = true;
    this.#uplink.wake();
    this.#leave();
  }

  close(): void {
    this.#sharing.stop();
    this.#uplink.close();
    for (const end of this.#ends) end();
  }

  #leave(): void {
    if (!this.#isLeaving || this.#waiting.count.value > 0) return;
    this.#isLeaving = false;
    void this.#api.withdraw();
  }

  #showAll(): (() => void)[] {
    const driver = this.#driver;
    const { link } = this.#uplink;
    return [
      effect(() => {
        driver.sharing.value = this.#sharing.state.value;
      }),
      effect(() => {
        driver.waiting.value = this.#waiting.count.value;
        driver.isKept.value = this.#waiting.isKept.value;
      }),
      effect(() => {
        driver.awake.value = this.#screen.awake.value;
      }),
      link.subscribe((now) => {
        driver.link.value = now;
        this.#sharing.tell({ name: now === "down" ? "undelivered" : "delivered" });
      }),
      this.#sharing.fix.subscribe((fix) => {
        driver.fix.value = fix;
        if (fix !== null) this.#showOnMap(fix);
      }),
    ];
  }

  /** What the device says, for it is there in a dead spot too. */
  #showOnMap({ lat, lon, speed, time }: Fix): void {
    const { map } = this.#driver;
    const id = this.#vehicle;
    const position = { id, lat, lon, speed: speed ?? 0, route: "", headsign: "", at: time };
    const isFirst = map.known.value === null;
    map.known.value = { vehicles: new Map([[id, position]]) };
    if (isFirst) map.chosen.value = id;
  }

  #followNetwork(): () => void {
    const ending = new AbortController();
    const { signal } = ending;
    addEventListener("online", () => this.#uplink.restored(), { signal });
    addEventListener("offline", () => this.#uplink.cut(), { signal });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#uplink.wake();
    }, { signal });
    return () => ending.abort();
  }

  #watching(isWatching: boolean): void {
    const storage = storageOrNull("sessionStorage");
    try {
      if (isWatching) storage?.setItem(sharedKey, this.#vehicle);
      else storage?.removeItem(sharedKey);
    } catch {
      // After a reload the reader has to begin again.
    }
    if (isWatching) this.#screen.hold();
    else this.#screen.release();
  }
}

/** A browser may be set to keep nothing. */
function storageOrNull(name: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return globalThis[name];
  } catch {
    return null;
  }
}
