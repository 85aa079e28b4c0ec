/** What all nodes together tell an operator. */
import type { Cluster, NodeInfo } from "../node/cluster.ts";
import {
  type ChannelRow,
  firstChannels,
  type NodeReport,
  type Rows,
  type SessionRow,
} from "./node_report.ts";
import { firstOf, type InspectionQuery, type SessionOrder, type SortKey } from "./query.ts";

export interface NodeRow extends NodeInfo {
  /** null: it did not answer in time. */
  readonly heapBytes: number | null;
  readonly processBytes: number | null;
}

export interface Overview {
  /** Unix milliseconds by the clock of the node that was asked. */
  readonly time: number;
  readonly nodes: readonly NodeRow[];
  /**
   * A channel is told once, whatever the number of nodes that have it. Where there are more than a
   * node may tell, its subscribers on a node that has not told of it are not counted.
   */
  readonly channels: Rows<ChannelRow>;
  readonly sessions: Rows<SessionRow>;
}

/** A node that does not answer within a second is in it by its name alone. */
export async function inspect(
  cluster: Pick<Cluster, "ask" | "nodes">,
  query: InspectionQuery,
): Promise<Overview> {
  const reports = await cluster.ask("inspect", query) as Map<string, NodeReport>;
  const nodes = cluster.nodes().map((info) => {
    const { heapBytes = null, processBytes = null } = reports.get(info.id) ?? {};
    return { ...info, heapBytes, processBytes };
  });
  const all = [...reports.values()];
  return {
    time: Date.now(),
    nodes,
    channels: joinChannels(all, query),
    sessions: joinSessions(reports, query),
  };
}

function joinChannels(reports: readonly NodeReport[], query: InspectionQuery): Rows<ChannelRow> {
  const joined = new Map<string, ChannelRow>();
  let largest = 0;
  let isWhole = true;
  for (const { channels: { rows, total } } of reports) {
    largest = Math.max(largest, total);
    if (rows.length < total) isWhole = false;
    for (const row of rows) {
      const before = joined.get(row.channel);
      joined.set(row.channel, before === undefined ? row : together(before, row));
    }
  }
  const total = isWhole ? joined.size : Math.max(joined.size, largest);
  return { rows: firstChannels(joined.values(), query), total };
}

/** Each node sees every publication of a channel, and its own subscribers alone. */
function together(a: ChannelRow, b: ChannelRow): ChannelRow {
  const ahead = (a.offset ?? 0) >= (b.offset ?? 0) ? a : b;
  const rate = a.rate === null || b.rate === null ? a.rate ?? b.rate : Math.max(a.rate, b.rate);
  return { ...ahead, rate, subscribers: a.subscribers + b.subscribers };
}

const sessionKeys: Readonly<Record<SessionOrder, (row: SessionRow) => SortKey>> = {
  user: ({ user }) => user,
  transport: ({ transport }) => transport,
  since: ({ since }) => since,
  lag: ({ lag }) => lag,
  queue: ({ queue }) => queue,
  channels: ({ channelCount }) => channelCount,
};

function joinSessions(
  reports: ReadonlyMap<string, NodeReport>,
  { sessions }: InspectionQuery,
): Rows<SessionRow> {
  const all: SessionRow[] = [];
  let total = 0;
  for (const [node, report] of reports) {
    total += report.sessions.total;
    for (const row of report.sessions.rows) all.push({ node, ...row });
  }
  return { rows: firstOf(all, sessions, sessionKeys[sessions.order], ({ id }) => id), total };
}
