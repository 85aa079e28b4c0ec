/** The driver's document. */
import type { Context } from "hono";
import { DriverBadge } from "../../islands/driver/badge.tsx";
import { Driver, type DriverState } from "../../islands/driver/driver.ts";
import { Entrance } from "../../islands/driver/entrance.tsx";
import { DriverPanel } from "../../islands/driver/panel.tsx";
import { Island } from "../../islands/island.tsx";
import { isAddress } from "../../lib/auth/host.ts";
import type { Config } from "../../lib/config.ts";
import { vehicleParam } from "../../lib/store/shapes.ts";
import type { Assets } from "./assets.ts";
import { mapAssets } from "./map.ts";
import { Shell } from "./shell.tsx";
import { pageOf, pageState } from "./visitor.ts";

/** In development a vehicle's name (`?vehicle=`) is enough to be its driver. */
export async function driverPageState(
  c: Context,
  config: Config,
  assets: Assets,
): Promise<DriverState> {
  const own = { map: mapAssets(assets, config), now: Date.now() };
  const asked = c.req.query("vehicle");
  const name = vehicleParam.safeParse({ id: asked });
  if (name.success) {
    const { id } = name.data;
    const page = await pageState(c, config, { sub: id, role: "driver" });
    return { ...page, ...own, asked: id, asksVehicle: "no" };
  }
  const gives = config.shop && config.mode === "dev" && isAddress(c.req.header("host"));
  const asksVehicle = !gives ? "no" : asked === undefined ? "yes" : "bad";
  const access = config.shop ? "needed" : "off";
  return { ...pageOf(c), ...own, access, token: null, asked: null, asksVehicle };
}

interface DriverProps {
  readonly state: DriverState;
  readonly assets: Assets;
  /** Of the address, to be kept in another language. */
  readonly query: string;
}

export function DriverPage({ state, assets, query }: DriverProps) {
  const driver = new Driver(state);
  const { texts } = driver;
  return (
    <Shell
      state={state}
      assets={assets}
      name="driver"
      title={`${texts.title} · Nhịp`}
      tagline={texts.tagline}
      badge={<DriverBadge driver={driver} />}
      query={query}
    >
      <noscript>
        <p class="driver-scriptless">{texts.needsScript}</p>
      </noscript>
      <Island name="gate">
        <Entrance driver={driver} />
      </Island>
      <Island name="driver">
        <DriverPanel driver={driver} />
      </Island>
    </Shell>
  );
}
