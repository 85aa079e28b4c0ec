/** What a back end may do with channels and clients; `state_api.ts` has what it may with keys. */
import type { Published } from "../broker/broker.ts";
import type { NodeInfo } from "../node/cluster.ts";
import { readHistory } from "../node/history.ts";
import type { Node } from "../node/node.ts";
import { statsOf } from "../presence/presence.ts";
import { disconnects } from "../protocol/disconnects.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { historyResult } from "../protocol/replies.ts";
import { answer } from "./answer.ts";
import type {
  BroadcastRequest,
  ChannelsRequest,
  DisconnectRequest,
  HistoryRequest,
  PresenceRequest,
  PublishRequest,
} from "./requests.ts";

/** What one history answer carries. */
export const historyLimit = { publications: 1_000, length: 8 * 1024 * 1024 };

/** Methods give JSON text, or reject with a ProtocolError for what the caller may know. */
export class ServerApi {
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  async publish({ channel, data, ...options }: PublishRequest): Promise<string> {
    return positionOf(
      await this.#node.publisher.publish(channel, data, {
        idempotencyKey: options.idempotency_key,
        skipHistory: options.skip_history ?? false,
        ...(options.tags && { tags: options.tags }),
      }),
    );
  }

  /** A failure in one channel leaves the others' alone: each has an answer of its own. */
  async broadcast({ channels, ...request }: BroadcastRequest): Promise<string> {
    const responses = await Promise.all(
      channels.map((channel) => answer(() => this.publish({ channel, ...request }))),
    );
    return `{"responses":[${responses.join(",")}]}`;
  }

  async history({ channel, limit, since, reverse }: HistoryRequest): Promise<string> {
    const rules = this.#node.registry.rules(channel);
    if (rules.keyed !== null) {
      throw new ProtocolError("notAvailable", "a state channel is read by map_read_stream");
    }
    const request = { limit, reverse, since: since ?? null };
    const page = await readHistory(this.#node, channel, rules, request, historyLimit);
    return historyResult(page.publications, page.position);
  }

  async presence({ channel }: PresenceRequest): Promise<string> {
    this.#requirePresence(channel);
    const presence = Object.fromEntries(await this.#node.presence.list(channel));
    return JSON.stringify({ presence });
  }

  async presenceStats({ channel }: PresenceRequest): Promise<string> {
    this.#requirePresence(channel);
    const { clients, users } = statsOf(await this.#node.presence.list(channel));
    return JSON.stringify({ num_clients: clients, num_users: users });
  }

  /** Channels somebody listens to on any node; `pattern` may hold `*` and `?`. */
  async channels({ pattern }: ChannelsRequest): Promise<string> {
    const answers = await this.#node.cluster.ask("channels", { pattern });
    const channels: Record<string, { num_clients: number }> = {};
    for (const answer of answers.values()) {
      for (const [channel, subscribers] of answer as [string, number][]) {
        const before = channels[channel]?.num_clients ?? 0;
        channels[channel] = { num_clients: before + subscribers };
      }
    }
    return JSON.stringify({ channels });
  }

  info(): Promise<string> {
    return Promise.resolve(JSON.stringify({ nodes: this.#node.cluster.nodes().map(describe) }));
  }

  async disconnect({ user, client, disconnect }: DisconnectRequest): Promise<string> {
    const how = disconnect ?? disconnects.forceNoReconnect;
    await this.#node.cluster.ask("disconnect", { user, client, disconnect: how });
    return "{}";
  }

  #requirePresence(channel: string): void {
    if (this.#node.registry.rules(channel).presence) return;
    throw new ProtocolError("notAvailable", "no presence in this namespace");
  }
}

function positionOf({ position }: Published): string {
  return JSON.stringify(
    position === null ? {} : { offset: position.offset, epoch: position.epoch },
  );
}

function describe(info: NodeInfo): unknown {
  return {
    uid: info.id,
    name: info.name,
    version: info.version,
    num_clients: info.clients,
    num_users: info.users,
    num_subs: info.subscriptions,
    num_channels: info.channels,
    uptime: info.uptimeSeconds,
  };
}
