import type { ChannelStream } from "../hub/channel_stream.ts";
import type { ChannelStart } from "../protocol/events.ts";
import type { StreamPosition } from "../protocol/publication.ts";

/** @param recovered whether the position that was given could be honoured; absent: none was given. */
export function startAt(
  { channel, state }: ChannelStream,
  position: StreamPosition | null,
  recovered?: boolean,
): ChannelStart {
  const told = recovered === undefined ? {} : { recovered };
  return { channel, position, ...told, ...(state !== null && { keyed: true }) };
}
