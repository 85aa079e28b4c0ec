/** Keeps the page of a state channel up to date. */
import type { SourceStatus } from "../../lib/bridge/status.ts";
import { type Change, connect, type Refusal, type Status } from "../../lib/client/mod.ts";
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
  /** Why the channel is not to be had. */
  let refused: Status | undefined;
  const items = {
    onSync(entries: ReadonlyMap<string, unknown>) {
      view.reset(entries);
      draw();
    },
    onChange({ key, data, latencyMs }: Change<unknown>) {
      if (latencyMs !== undefined) view.addLatency(latencyMs);
      view.change(key, data, Date.now());
      draw();
    },
    onRefused({ code, message }: Refusal) {
      refused = { name: "closed", code, reason: message };
    },
  };
  const told = (entries: ReadonlyMap<string, unknown>) => {
    // What the server's bridge publishes there.
    view.source.value = (entries.get(statusKey) ?? null) as SourceStatus | null;
  };
  const status = {
    onSync: told,
    onChange: ({ entries }: Change<unknown>) => told(entries),
  };
  const client = connect(location.origin, token === null ? {} : { token });
  client.state(channel).subscribe(items);
  if (statusChannel !== null) client.state(statusChannel).subscribe(status);
  client.quality.subscribe((quality) => view.quality.value = quality);
  client.status.subscribe((state) => {
    view.wasOnline ||= state.name === "online";
    // A client that has nothing left to subscribe to waits for something.
    view.connection.value = state.name === "idle" ? refused ?? state : state;
    if (state.name === "online") view.staleSince.value = null;
    else view.staleSince.value ??= Date.now();
  });
}
