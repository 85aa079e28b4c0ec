/** The dashboard's script. */
import { Alerts, type AlertsPageState } from "./alerts/alerts.ts";
import { followAlerts } from "./alerts/follow.ts";
import { AlertsPanel } from "./alerts/panel.tsx";
import { Badge } from "./badge.tsx";
import { feed, tick } from "./dashboard/feed.ts";
import { Figures } from "./dashboard/figures_strip.tsx";
import { type DashboardState, Live } from "./dashboard/live.ts";
import { Notices } from "./dashboard/notices.tsx";
import { Orders } from "./dashboard/orders.tsx";
import { Stock } from "./dashboard/stock.tsx";
import { Vehicles } from "./dashboard/vehicles.tsx";
import { Gate } from "./gate.tsx";
import { hydrateIslands } from "./island.tsx";
import type { MapPageState } from "./map/assets.ts";
import { MapPanel } from "./map/map.tsx";
import { MapModel } from "./map/model.ts";
import { readPageState } from "./page_state.ts";
import { followConsent } from "./push/follow.ts";
import { PushPanel } from "./push/panel.tsx";
import { Push, type PushPageState } from "./push/push.ts";
import { tellOf } from "./push/tell.ts";
import { visit } from "./visit.ts";

type State = DashboardState & AlertsPageState & PushPageState & MapPageState;

const state = readPageState<State>(document);
const live = new Live(state);
const map = new MapModel(live.page, state.map);
const push = new Push(live.page, state);
const alerts = new Alerts(live.page, state);
hydrateIslands({
  badge: <Badge page={live.page} />,
  gate: <Gate page={live.page} />,
  alerts: <AlertsPanel alerts={alerts} />,
  push: <PushPanel push={push} />,
  notices: <Notices live={live} />,
  figures: <Figures live={live} />,
  orders: <Orders live={live} />,
  stock: <Stock live={live} />,
  map: <MapPanel model={map} />,
  vehicles: <Vehicles live={live} map={map} />,
});
live.onNews = (order) => tellOf(push, order);
tick(live);
visit(live.page, state.token, (visit) => {
  feed(live, visit);
  map.feed(visit);
  followConsent(push, visit);
  followAlerts(alerts, visit);
});
