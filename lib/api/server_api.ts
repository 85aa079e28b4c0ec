/** What a back end may do: the methods of `POST /api/<method>`. */
import type { Published } from "../broker/broker.ts";
import type { NodeInfo } from "../node/cluster.ts";
import { readHistory } from "../node/history.ts";
import type { Node } from "../node/node.ts";
import { statsOf } from "../presence/presence.ts";
import { disconnects } from "../protocol/disconnects.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type {
  BatchCommand,
  BatchRequest,
  BroadcastRequest,
  ChannelsRequest,
  DisconnectRequest,
  HistoryRequest,
  PresenceRequest,
  PublishRequest,
} from "./requests.ts";

export type Answer = { result: unknown } | { error: ProtocolError };

/** What one history answer carries. */
const historyLimit = { publications: 1_000, length: 8 * 1024 * 1024 };

/** Methods reject with a ProtocolError for what the caller may know. */
export class ServerApi {
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  async publish({ channel, data, ...options }: PublishRequest): Promise<unknown> {
    return positionOf(
      await this.#node.publisher.publish(channel, data, {
        idempotencyKey: options.idempotency_key,
        skipHistory: options.skip_history ?? false,
        ...(options.tags && { tags: options.tags }),
      }),
    );
  }

  /** A failure in one channel leaves the others' alone: each has an answer of its own. */
  async broadcast({ channels, ...request }: BroadcastRequest): Promise<unknown> {
    const responses = await Promise.all(
      channels.map((channel) => this.answer(() => this.publish({ channel, ...request }))),
    );
    return { responses };
  }

  async history({ channel, limit, since, reverse }: HistoryRequest): Promise<unknown> {
    const rules = this.#node.registry.rules(channel);
    const request = { limit, reverse, since: since ?? null };
    const page = await readHistory(this.#node, channel, rules, request, historyLimit);
    const publications = page.publications.map(({ body }): unknown => JSON.parse(body));
    return { publications, epoch: page.position.epoch, offset: page.position.offset };
  }

  async presence({ channel }: PresenceRequest): Promise<unknown> {
    this.#requirePresence(channel);
    return { presence: Object.fromEntries(await this.#node.presence.list(channel)) };
  }

  async presenceStats({ channel }: PresenceRequest): Promise<unknown> {
    this.#requirePresence(channel);
    const { clients, users } = statsOf(await this.#node.presence.list(channel));
    return { num_clients: clients, num_users: users };
  }

  /** Channels somebody listens to on any node; `pattern` may hold `*` and `?`. */
  async channels({ pattern }: ChannelsRequest): Promise<unknown> {
    const answers = await this.#node.cluster.ask("channels", { pattern });
    const channels: Record<string, { num_clients: number }> = {};
    for (const answer of answers.values()) {
      for (const [channel, subscribers] of answer as [string, number][]) {
        const before = channels[channel]?.num_clients ?? 0;
        channels[channel] = { num_clients: before + subscribers };
      }
    }
    return { channels };
  }

  info(): Promise<unknown> {
    return Promise.resolve({ nodes: this.#node.cluster.nodes().map(describe) });
  }

  async disconnect({ user, client, disconnect }: DisconnectRequest): Promise<unknown> {
    const how = disconnect ?? disconnects.forceNoReconnect;
    await this.#node.cluster.ask("disconnect", { user, client, disconnect: how });
    return {};
  }

  /** One after the other, or side by side with `parallel`; each has a reply of its own. */
  async batch({ commands, parallel }: BatchRequest): Promise<unknown> {
    if (parallel) return { replies: await Promise.all(commands.map((one) => this.#reply(one))) };
    const replies: unknown[] = [];
    // Publishes in a row go together: the broker keeps the order of the calls.
    for (let at = 0; at < commands.length;) {
      let end = at;
      while (end < commands.length && isPublish(commands[end])) end++;
      if (end === at) end++;
      replies.push(...await Promise.all(commands.slice(at, end).map((one) => this.#reply(one))));
      at = end;
    }
    return { replies };
  }

  /** @throws only what is not the caller's to know. */
  async answer(method: () => Promise<unknown>): Promise<Answer> {
    try {
      return { result: await method() };
    } catch (error) {
      if (error instanceof ProtocolError) return { error };
      throw error;
    }
  }

  async #reply(command: BatchCommand): Promise<unknown> {
    const [method] = Object.keys(command);
    const answer = await this.answer(() => this.#perform(command));
    return "error" in answer ? answer : { [method ?? ""]: answer.result };
  }

  #perform(command: BatchCommand): Promise<unknown> {
    if ("publish" in command) return this.publish(command.publish);
    if ("broadcast" in command) return this.broadcast(command.broadcast);
    if ("history" in command) return this.history(command.history);
    if ("presence" in command) return this.presence(command.presence);
    if ("presence_stats" in command) return this.presenceStats(command.presence_stats);
    if ("channels" in command) return this.channels(command.channels);
    if ("disconnect" in command) return this.disconnect(command.disconnect);
    return this.info();
  }

  #requirePresence(channel: string): void {
    if (this.#node.registry.rules(channel).presence) return;
    throw new ProtocolError("notAvailable", "no presence in this namespace");
  }
}

function isPublish(command: BatchCommand | undefined): boolean {
  return command !== undefined && "publish" in command;
}

function positionOf({ position }: Published): unknown {
  return position === null ? {} : { offset: position.offset, epoch: position.epoch };
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
