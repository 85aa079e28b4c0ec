/** Reading a channel's history by the rules, for clients and back ends. */
import type { HistoryPage } from "../broker/broker.ts";
import type { Namespace } from "../channels.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { StreamPosition } from "../protocol/publication.ts";
import type { Node } from "./node.ts";

export interface HistoryRequest {
  /** 0: only the position; below 0: as many as allowed. */
  readonly limit: number;
  readonly since: StreamPosition | null;
  readonly reverse: boolean;
}

/** The most that one answer carries; one publication always fits. */
export interface HistoryLimit {
  readonly publications: number;
  /** UTF-16 units of all bodies. */
  readonly length: number;
}

/** @throws ProtocolError 107, 108 (no history in the namespace), 112 (another epoch) */
export async function readHistory(
  node: Node,
  channel: string,
  rules: Namespace,
  { limit, since, reverse }: HistoryRequest,
  max: HistoryLimit,
): Promise<HistoryPage> {
  if (rules.history === null) {
    throw new ProtocolError("notAvailable", "no history in this namespace");
  }
  if (reverse && since !== null && since.offset === 0) {
    throw new ProtocolError("badRequest", "reverse needs an offset above 0");
  }
  const page = await node.broker.history(channel, {
    retention: rules.history,
    limit: limit < 0 || limit > max.publications ? max.publications : limit,
    maxLength: max.length,
    reverse,
    ...(since !== null && { since }),
  });
  const another = since !== null && since.epoch !== "" && since.epoch !== page.position.epoch;
  if (another) throw new ProtocolError("unrecoverablePosition");
  return page;
}
