/// <reference lib="dom" />
/** The other three ways: the product's client, held to one transport. */
import type { Channels } from "../../lib/channels.ts";
import { connect, type Status, type TransportName } from "../../lib/client/mod.ts";
import type { CompareItem } from "../../lib/compare/item.ts";
import type { Follower, Sink, WayState } from "./follower.ts";
import { meteredFetch, meteredWebSocket, type Meters } from "./metered.ts";

export interface PushOptions {
  readonly transport: TransportName;
  readonly channel: `compare:${string}`;
  readonly token: string;
  readonly meters: Meters;
  readonly sink: Sink;
}

export function push({ transport, channel, token, meters, sink }: PushOptions): Follower {
  const client = connect<Channels>(location.origin, {
    token,
    transports: [transport],
    // What other pages may have found out does not count here, nor the other way round.
    memory: null,
    environment: { fetch: meteredFetch(meters), WebSocket: meteredWebSocket(meters) },
  });
  let hasEnded = false;
  const changed = (items: readonly CompareItem[]) => {
    if (!hasEnded) sink.changed(items);
  };
  client.status.subscribe((status) => {
    if (!hasEnded) sink.is(stateOf(status));
  });
  client.state(channel).subscribe({
    onSync: (entries) => changed([...entries.values()]),
    onChange: ({ data }) => changed(data === undefined ? [] : [data]),
    onRefused: ({ message }) => {
      if (!hasEnded) sink.is({ name: "failing", reason: message });
    },
  });
  return {
    close() {
      hasEnded = true;
      return client.close();
    },
  };
}

function stateOf(status: Status): WayState {
  switch (status.name) {
    case "idle":
    case "connecting":
      return { name: "opening" };
    case "online":
      return { name: "running" };
    case "waiting":
    case "closed":
      return { name: "failing", reason: status.reason };
    case "offline":
      return { name: "failing", reason: "offline" };
  }
}
