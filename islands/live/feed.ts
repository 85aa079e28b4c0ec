/// <reference lib="dom" />
/** Keeps the page of a state channel up to date. */
import type { SourceStatus } from "../../lib/bridge/status.ts";
import { type Change, connect } from "../../lib/client/mod.ts";
import type { LivePageState } from "./page.ts";
import type { LiveView } from "./view.ts";

const statusKey = "status";

export function follow(view: LiveView, { channel, statusChannel, token }: LivePageState): void {
  const { connection, timeZone } = view.page;
  timeZone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  let isDrawing = false;
  const draw = () => {
    if (isDrawing) return;
    isDrawing = true;
    requestAnimationFrame(() => {
      isDrawing = false;
      view.show();
    });
  };
  const client = connect(location.origin, token === null ? {} : { token });
  client.state(channel).subscribe({
    onSync(entries) {
      view.reset(entries);
      draw();
    },
    onChange({ key, data, latencyMs }) {
      connection.addLatency(latencyMs);
      view.change(key, data, Date.now());
      draw();
    },
    onRefused: (refusal) => connection.refused(refusal),
  });
  const told = (entries: ReadonlyMap<string, unknown>) => {
    // What the server's bridge publishes there.
    view.source.value = (entries.get(statusKey) ?? null) as SourceStatus | null;
  };
  if (statusChannel !== null) {
    const onChange = ({ entries }: Change<unknown>) => told(entries);
    client.state(statusChannel).subscribe({ onSync: told, onChange });
  }
  connection.follow(client);
}
