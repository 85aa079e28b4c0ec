/** Reading a stream from a position up to where this isolate's subscribers are. */
import { sameEpoch } from "../broker/broker.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";
import type { ChannelStream } from "./channel_stream.ts";

export type CatchUp =
  /** The next publications, one at least; there may be more. */
  | { readonly kind: "page"; readonly publications: readonly Publication[] }
  /** Level with the stream in this very turn: whoever attaches at once misses nothing. */
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
    // Compared after the await, with nothing between here and the caller's attaching. A stream that
    // began anew meanwhile is found out by the next read.
    const now = stream.position;
    if (now === null || !sameEpoch(since.epoch, now.epoch)) continue;
    if (now.offset === since.offset) return { kind: "level" };
    if (since.offset > now.offset) await stream.reach(since.offset);
  }
}
