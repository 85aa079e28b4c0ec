/** What one node tells an operator of its channels and sessions. */
import type { Hub } from "../hub/hub.ts";
import type { Connected, Sessions } from "../node/sessions.ts";
import type { SharedPolls } from "../shared_poll/shared_polls.ts";
import type { ServedTransport } from "../transport/transport.ts";
import { type ChannelOrder, firstOf, type InspectionQuery, type SortKey } from "./query.ts";
import { RateSampler } from "./rate_sampler.ts";

export interface ChannelRow {
  readonly channel: string;
  readonly kind: "stream" | "state" | "shared_poll";
  readonly subscribers: number;
  /** Publications a second since the last look; null: not known yet. */
  readonly rate: number | null;
  /** Publications that are kept at most just now, by its rules and its offset; null: none are. */
  readonly history: number | null;
  /** null: publications have no positions. */
  readonly epoch: string | null;
  readonly offset: number | null;
  /** null: it is no channel of keys. */
  readonly keys: number | null;
}

export interface SessionRow {
  readonly node: string;
  readonly id: string;
  readonly user: string;
  readonly transport: ServedTransport;
  /** Unix milliseconds. */
  readonly since: number;
  /** Publications that it is still to be sent. */
  readonly lag: number;
  /** Bytes that it was sent and has not taken. */
  readonly queue: number;
  /** The first few. */
  readonly channels: readonly string[];
  readonly channelCount: number;
}

/** The rows that were asked for, and how many there are. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

export interface NodeReport {
  /** Of this isolate. */
  readonly heapBytes: number;
  /** Of the process, that is of all its isolates. */
  readonly processBytes: number;
  readonly channels: Rows<ChannelRow>;
  readonly sessions: Rows<Omit<SessionRow, "node">>;
}

/** Names of a session's channels that a row has. */
const namedChannels = 8;

export function nodeReporter(
  hub: Hub,
  sessions: Sessions,
  sharedPolls: SharedPolls,
): (query: InspectionQuery) => NodeReport {
  const rates = new RateSampler();
  return (query) => {
    const { heapUsed, rss } = Deno.memoryUsage();
    const channels = [...channelRows(hub, sharedPolls, rates, query.channels.filter)];
    const found = [...matching(sessions, query.sessions.filter)];
    const { order } = query.sessions;
    const first = firstOf(found, query.sessions, sessionKeys[order], ({ id }) => id);
    return {
      heapBytes: heapUsed,
      processBytes: rss,
      channels: { rows: firstChannels(channels, query), total: channels.length },
      sessions: { rows: first.map(sessionRow), total: found.length },
    };
  };
}

export function firstChannels(rows: Iterable<ChannelRow>, query: InspectionQuery): ChannelRow[] {
  const order: ChannelOrder = query.channels.order;
  return firstOf(rows, query.channels, (row) => row[order], ({ channel }) => channel);
}

/** Whether a name has the text in it; "" is in every name. */
function includer(text: string): (name: string) => boolean {
  const wanted = text.toLowerCase();
  return (name) => name.toLowerCase().includes(wanted);
}

function* channelRows(
  hub: Hub,
  sharedPolls: SharedPolls,
  rates: RateSampler,
  filter: string,
): Iterable<ChannelRow> {
  const includes = includer(filter);
  const now = performance.now();
  for (const { stream, subscribers } of hub.streams()) {
    const { channel, position, retention, state } = stream;
    if (!includes(channel)) continue;
    yield {
      channel,
      kind: state === null ? "stream" : "state",
      subscribers,
      rate: rates.sample(stream, now),
      history: position && Math.min(position.offset, retention?.size ?? 0),
      epoch: position?.epoch ?? null,
      offset: position?.offset ?? null,
      keys: state?.mirror.size ?? null,
    };
  }
  const none = { rate: null, history: null, epoch: null, offset: null };
  for (const { channel, subscribers, keys } of sharedPolls.list()) {
    if (includes(channel)) yield { channel, kind: "shared_poll", subscribers, keys, ...none };
  }
}

function* matching(sessions: Sessions, filter: string): Iterable<Connected> {
  const includes = includer(filter);
  for (const session of sessions.all()) {
    const { user, id, transport } = session;
    const found = filter === "" || [user, id, transport].some(includes) ||
      session.channels.some(includes);
    if (found) yield session;
  }
}

const sessionKeys: Readonly<
  Record<InspectionQuery["sessions"]["order"], (session: Connected) => SortKey>
> = {
  user: ({ user }) => user,
  transport: ({ transport }) => transport,
  since: ({ since }) => since,
  lag: ({ lag }) => lag,
  queue: ({ backlog }) => backlog,
  channels: ({ channels }) => channels.length,
};

function sessionRow(session: Connected): Omit<SessionRow, "node"> {
  const { id, user, transport, since, lag, backlog, channels } = session;
  return {
    id,
    user,
    transport,
    since,
    lag,
    queue: backlog,
    channels: channels.slice(0, namedChannels),
    channelCount: channels.length,
  };
}
