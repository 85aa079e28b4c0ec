/** Reading a stream from a position up to where this isolate's subscribers are. */
import { sameEpoch } from "../broker/broker.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";
import type { ChannelStream } from "./channel_stream.ts";

export type CatchUp =
  /** The next publications, one at least; there may be more. */
  | { readonly kind: "page"; readonly publications: readonly Publication[] }
  /** It was level with the stream; whoever attaches makes sure by `isLevel` in the same turn. */
  | { readonly kind: "level" }
  /** The log no longer holds what follows the position. */
  | { readonly kind: "lost" };

/**
 * The step that follows `since`; waits where the reader is ahead of this isolate.
 * @param latest of a keyed channel, only the latest of each key.
 */
export async function catchUp(
  stream: ChannelStream,
  since: StreamPosition,
  limit: number,
  latest = false,
): Promise<CatchUp> {
  while (true) {
    const head = stream.position;
    if (head === null) return { kind: "level" };
    const publications = await stream.read(since, limit, latest);
    if (publications === "lost") return { kind: "lost" };
    if (publications.length > 0) return { kind: "page", publications };
    if (isLevel(stream, since)) return { kind: "level" };
    // A stream that began anew meanwhile is found out by the next read.
    const now = stream.position;
    const ahead = now !== null && sameEpoch(since.epoch, now.epoch) && since.offset > now.offset;
    if (ahead) await stream.reach(since.offset);
  }
}

/** Whether who has been given all up to there misses nothing by attaching now. */
export function isLevel({ position }: ChannelStream, since: StreamPosition | null): boolean {
  if (position === null) return true;
  if (since === null) return false;
  return position.offset === since.offset && sameEpoch(since.epoch, position.epoch);
}

/**
 * Of state: before a filtered reader of whom it is not known how it came to its position is taken
 * for level with it. Another node may have given it the latest of some keys up to there, and was
 * then ahead; keys that left the filter meanwhile are told of with what follows. If the log ends
 * there, the reader knows all.
 */
export async function levelBeyond(stream: ChannelStream, since: StreamPosition): Promise<void> {
  const { position, state } = stream;
  if (state !== null && position !== null && position.offset <= since.offset) await stream.level();
}
