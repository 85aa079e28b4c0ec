/** Server-Sent Events (HTML Living Standard, section 9.2) as the body of a streamed response. */
import { disconnectBlock, retryMs } from "../protocol/events.ts";
import { ByteStream, liveHeaders } from "./byte_stream.ts";
import { defaultMaxBacklog, type Transport } from "./transport.ts";

export { liveHeaders };

const encoder = new TextEncoder();

export const eventStreamType = "text/event-stream; charset=utf-8";

/**
 * The response and its transport. `closed` is called once, however the stream ended.
 */
export function openEventStream(
  closed: () => void,
  maxBacklog = defaultMaxBacklog,
): { response: Response; transport: Transport<Uint8Array> } {
  const options = { name: "sse", maxBacklog, farewell: disconnectBlock, closed } as const;
  const transport = new ByteStream(options);
  const headers = { "content-type": eventStreamType, ...liveHeaders };
  transport.send(encoder.encode(`retry: ${retryMs}\n`));
  return { response: new Response(transport.body, { headers }), transport };
}
