/** Reading the state of a channel by the rules. */
import type { StatePage } from "../broker/broker.ts";
import type { Keyed, Namespace, Retention } from "../channels.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { StreamPosition } from "../protocol/publication.ts";
import type { HistoryLimit } from "./history.ts";
import type { Node } from "./node.ts";

export interface StateRequest {
  /** 0: only the position; below 0: as many as allowed. */
  readonly limit: number;
  /** Only this key; "": all. */
  readonly key: string;
  /** Where the page before ended; "": the first page. */
  readonly cursor: string;
  /** What the first page said; "" for its epoch where none was given. */
  readonly revision: StreamPosition;
  /** Where the namespace orders by score: the lowest first. */
  readonly ascending: boolean;
}

/** What a state channel has besides its name. @throws ProtocolError 107 for a plain channel. */
export function requireKeyed(rules: Namespace): { keyed: Keyed; retention: Retention } {
  if (rules.keyed === null || rules.history === null) {
    throw new ProtocolError("badRequest", `namespace "${rules.name}" has no state channels`);
  }
  return { keyed: rules.keyed, retention: rules.history };
}

/** @throws ProtocolError 107, 112 (the stream has begun anew since the first page) */
export async function readState(
  node: Node,
  channel: string,
  rules: Namespace,
  request: StateRequest,
  max: HistoryLimit,
): Promise<StatePage> {
  const { keyed, retention } = requireKeyed(rules);
  const { limit, key, cursor, revision } = request;
  if (cursor !== "" && (revision.epoch === "" || revision.offset === 0)) {
    throw new ProtocolError(
      "badRequest",
      "cursor needs revision_offset and revision_epoch: offset and epoch of the first page",
    );
  }
  const page = await node.broker.state(channel, {
    retention,
    keyed,
    limit: limit < 0 || limit > max.publications ? max.publications : limit,
    maxLength: max.length,
    order: keyed.order,
    descending: keyed.order === "score" && !request.ascending,
    ...(key !== "" && { key }),
    ...(cursor !== "" && { after: { cursor, position: revision } }),
  });
  const another = revision.epoch !== "" && revision.epoch !== page.position.epoch;
  if (another) throw new ProtocolError("unrecoverablePosition");
  return page;
}
