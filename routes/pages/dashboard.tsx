/** The dashboard's document. */
import { Alerts, type AlertsPageState } from "../../islands/alerts/alerts.ts";
import { AlertsPanel } from "../../islands/alerts/panel.tsx";
import { Badge } from "../../islands/badge.tsx";
import { type DashboardState, Live } from "../../islands/dashboard/live.ts";
import { Figures } from "../../islands/dashboard/figures_strip.tsx";
import { Notices } from "../../islands/dashboard/notices.tsx";
import { Orders } from "../../islands/dashboard/orders.tsx";
import { Stock } from "../../islands/dashboard/stock.tsx";
import { Vehicles } from "../../islands/dashboard/vehicles.tsx";
import { Gate } from "../../islands/gate.tsx";
import { Island } from "../../islands/island.tsx";
import type { MapPageState } from "../../islands/map/assets.ts";
import { MapPanel } from "../../islands/map/map.tsx";
import { MapModel } from "../../islands/map/model.ts";
import { PushPanel } from "../../islands/push/panel.tsx";
import { Push, type PushPageState } from "../../islands/push/push.ts";
import type { Assets } from "./assets.ts";
import { Shell } from "./shell.tsx";

interface DashboardProps {
  readonly state: DashboardState & AlertsPageState & PushPageState & MapPageState;
  readonly assets: Assets;
}

export function DashboardPage({ state, assets }: DashboardProps) {
  const live = new Live(state);
  const { page, texts } = live;
  const map = new MapModel(page, state.map);
  return (
    <Shell
      state={state}
      assets={assets}
      name="dashboard"
      styles={["alerts", "push"]}
      title={`Nhịp · ${texts.title}`}
      tagline={texts.tagline}
      badge={<Badge page={page} />}
    >
      <Island name="gate">
        <Gate page={page} />
      </Island>
      <div class="top">
        <Island name="alerts">
          <AlertsPanel alerts={new Alerts(page, state)} />
        </Island>
        <Island name="push">
          <PushPanel push={new Push(page, state)} />
        </Island>
      </div>
      <Island name="notices">
        <Notices live={live} />
      </Island>
      <Island name="figures">
        <Figures live={live} />
      </Island>
      <div class="panels">
        <Island name="orders">
          <Orders live={live} />
        </Island>
        <Island name="map">
          <MapPanel model={map} />
        </Island>
        <Island name="stock">
          <Stock live={live} />
        </Island>
        <Island name="vehicles">
          <Vehicles live={live} map={map} />
        </Island>
      </div>
    </Shell>
  );
}
