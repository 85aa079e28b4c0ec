/** Keeps the page of a state channel up to date. */
import type { SourceStatus } from "../../lib/bridge/status.ts";
import { connect } from "../../lib/client/mod.ts";
import type { LiveView } from "./view.ts";

const statusKey = "status";

export function follow(view: LiveView): void {
  const { channel, statusChannel, token } = view.page;
  let isDrawing = false;
  const draw = () => {
    if (isDrawing) return;
    isDrawing = true;
    requestAnimationFrame(() => {
      isDrawing = false;
      view.show();
    });
  };
  const items = {
    onSync(entries: ReadonlyMap<string, unknown>) {
      view.reset(entries);
      draw();
    },
    onChange({ key, data }: { readonly key: string; readonly data: unknown }) {
      view.change(key, data, Date.now());
      draw();
    },
  };
  const told = (entries: ReadonlyMap<string, unknown>) => {
    // What the server's bridge publishes there.
    view.source.value = (entries.get(statusKey) ?? null) as SourceStatus | null;
  };
  const status = {
    onSync: told,
    onChange: ({ entries }: { readonly entries: ReadonlyMap<string, unknown> }) => told(entries),
  };
  const client = connect(location.origin, token === null ? {} : { token });
  client.state(channel).subscribe(items);
  if (statusChannel !== null) client.state(statusChannel).subscribe(status);
  client.status.subscribe((state) => {
    view.wasOnline ||= state.name === "online";
    view.connection.value = state;
    if (state.name === "online") view.staleSince.value = null;
    else view.staleSince.value ??= Date.now();
  });
}
