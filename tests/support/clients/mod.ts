import type { TransportName } from "../../../lib/transport/transport.ts";
import type { OpenClient } from "./client.ts";
import { openLongPoll } from "./long_poll.ts";
import { openSse } from "./sse.ts";
import { openWebSocket } from "./websocket.ts";

/** How each transport's client is opened. */
export const opens: Readonly<Record<TransportName, OpenClient>> = {
  websocket: openWebSocket,
  sse: openSse,
  long_poll: openLongPoll,
};
