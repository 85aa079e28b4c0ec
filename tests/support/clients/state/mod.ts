import type { TransportName } from "../../../../lib/transport/transport.ts";
import type { OpenStateClient } from "./client.ts";
import { openStateLongPoll, openStateSse } from "./events.ts";
import { openStateWebSocket } from "./websocket.ts";

/** How each transport's client is opened. */
export const stateOpens: Readonly<Record<TransportName, OpenStateClient>> = {
  websocket: openStateWebSocket,
  sse: openStateSse,
  long_poll: openStateLongPoll,
};
