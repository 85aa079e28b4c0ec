/** Feeds a page's alerts from their channel, and sends what the reader asks for. */
import type { Visit } from "../visit.ts";
import type { Alerts } from "./alerts.ts";
import { send } from "./requests.ts";

export function followAlerts(alerts: Alerts, { client, token, refused }: Visit): void {
  let isDue = false;
  client.state("alerts:all").subscribe({
    onSync: alerts.show,
    onRefused: refused,
    onChange: (change) => {
      alerts.changed(change);
      if (isDue) return;
      isDue = true;
      // Once for all changes that come together.
      queueMicrotask(() => {
        isDue = false;
        alerts.show(change.entries);
      });
    },
  });
  alerts.act = (action, id) => {
    if (!alerts.asks(action, id)) return;
    void send(action, id, token).then((outcome) => alerts.answered(id, outcome));
  };
}
