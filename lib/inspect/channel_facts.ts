/** What one channel's rules are and how much of it is kept: more than an overview can afford. */
import type { StreamPosition } from "../protocol/publication.ts";
import { readHistory } from "../node/history.ts";
import type { Node } from "../node/node.ts";
import { readState } from "../node/state.ts";
import type { ChannelRow } from "./node_report.ts";

export interface ChannelFacts {
  readonly channel: string;
  readonly namespace: string;
  readonly kind: ChannelRow["kind"];
  readonly presence: boolean;
  /** null: nothing is kept. */
  readonly history: KeptHistory | null;
  readonly position: StreamPosition | null;
  /** null: no state channel. */
  readonly keys: number | null;
}

export interface KeptHistory {
  /** By its rules: at most so many publications, none older. */
  readonly size: number;
  readonly ttlMs: number;
  /** Just now. */
  readonly kept: number;
  /** False: there are more than were counted. */
  readonly isAll: boolean;
}

/** What is read of a history to count it. */
const countLimit = { publications: 1_000, length: 8 * 1024 * 1024 };
/** One more publication might not have fitted. */
const largest = 512 * 1024;
const all = { limit: -1, since: null, reverse: true };
const positionOnly = {
  limit: 0,
  key: "",
  cursor: "",
  revision: { epoch: "", offset: 0 },
  ascending: false,
};

/** @throws ProtocolError 102, 107 for a channel there cannot be; 111 */
export async function channelFacts(node: Node, channel: string): Promise<ChannelFacts> {
  const rules = node.registry.rules(channel);
  const { name: namespace, history, keyed, sharedPoll, presence } = rules;
  const kind = sharedPoll !== undefined ? "shared_poll" : keyed === null ? "stream" : "state";
  const known = { channel, namespace, kind, presence } as const;
  if (history === null) return { ...known, history: null, position: null, keys: null };
  const { publications, position } = await readHistory(node, channel, rules, all, countLimit);
  const kept = publications.length;
  const length = publications.reduce((sum, { body }) => sum + body.length, 0);
  const { size, ttlMs } = history;
  const isAll = kept >= size ||
    kept < countLimit.publications && length < countLimit.length - largest;
  const state = keyed && await readState(node, channel, rules, positionOnly, countLimit);
  return {
    ...known,
    history: { size, ttlMs, kept, isAll },
    position,
    keys: state?.keys ?? null,
  };
}
