/** What a back end may do with the keys of state channels. */
import type { KeyCondition, Published } from "../broker/broker.ts";
import { readHistory } from "../node/history.ts";
import type { Node } from "../node/node.ts";
import { requireWritable } from "../node/publisher.ts";
import { readState, requireKeyed, type StateRequest } from "../node/state.ts";
import type { Publication } from "../protocol/publication.ts";
import { historyResult } from "../protocol/replies.ts";
import type {
  MapPublishRequest,
  MapReadStateRequest,
  MapReadStreamRequest,
  MapRemoveRequest,
  MapRequest,
} from "./requests.ts";
import { historyLimit } from "./server_api.ts";

/** What one answer of state carries. */
const stateLimit = { publications: 10_000, length: 8 * 1024 * 1024 };
const positionOnly: StateRequest = {
  limit: 0,
  key: "",
  cursor: "",
  revision: { epoch: "", offset: 0 },
  ascending: false,
};

/** Methods give JSON text, or reject with a ProtocolError for what the caller may know. */
export class StateApi {
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  async publish({ channel, key, data, ...options }: MapPublishRequest): Promise<string> {
    const { publisher } = this.#node;
    return resultOf(
      await publisher.publishKey(channel, key, data, {
        idempotencyKey: options.idempotency_key,
        condition: conditionOf(options),
        ...(options.tags && { tags: options.tags }),
        ...(options.score !== undefined && { score: options.score }),
      }),
    );
  }

  async remove({ channel, key, idempotency_key }: MapRemoveRequest): Promise<string> {
    const { publisher } = this.#node;
    return resultOf(await publisher.removeKey(channel, key, { idempotencyKey: idempotency_key }));
  }

  async readState(request: MapReadStateRequest): Promise<string> {
    const { channel, key, limit, cursor, asc } = request;
    const revision = { epoch: request.revision_epoch, offset: request.revision_offset };
    const { entries, position, cursor: next } = await readState(
      this.#node,
      channel,
      this.#node.registry.rules(channel),
      { limit, key, cursor, revision, ascending: asc },
      stateLimit,
    );
    const { offset, epoch } = position;
    const rest = JSON.stringify({ offset, epoch, ...(next !== null && { cursor: next }) });
    return `{"entries":[${entries.map(entryOf).join(",")}],${rest.slice(1)}`;
  }

  /** The changes that are kept, removals among them. */
  async readStream(request: MapReadStreamRequest): Promise<string> {
    const { channel, limit, reverse, since_offset: offset, since_epoch: epoch } = request;
    const rules = this.#node.registry.rules(channel);
    requireKeyed(rules);
    const since = offset === 0 && epoch === "" ? null : { offset, epoch };
    const query = { limit, reverse, since };
    const page = await readHistory(this.#node, channel, rules, query, historyLimit);
    return historyResult(page.publications, page.position);
  }

  async stats({ channel }: MapRequest): Promise<string> {
    const rules = this.#node.registry.rules(channel);
    const { keys } = await readState(this.#node, channel, rules, positionOnly, stateLimit);
    return JSON.stringify({ num_keys: keys });
  }

  /** Removes keys and stream: subscribers begin anew in the next epoch, which is the answer. */
  async clear({ channel }: MapRequest): Promise<string> {
    const rules = this.#node.registry.rules(channel);
    requireWritable(rules);
    await this.#node.broker.clear(channel);
    const { position } = await readState(this.#node, channel, rules, positionOnly, stateLimit);
    return JSON.stringify({ offset: position.offset, epoch: position.epoch });
  }
}

type Conditional = Pick<MapPublishRequest, "key_mode" | "version" | "version_epoch">;

function conditionOf({ key_mode, version, version_epoch }: Conditional): KeyCondition {
  return {
    ...(key_mode !== "" && { exists: key_mode === "if_exists" }),
    ...(version > 0 && { version: { number: version, epoch: version_epoch } }),
  };
}

function resultOf({ position, suppressed }: Published): string {
  return JSON.stringify({
    ...(position !== null && { offset: position.offset, epoch: position.epoch }),
    ...(suppressed !== null && { suppressed: true, suppress_reason: suppressed }),
  });
}

function entryOf({ body, score }: Publication): string {
  return score === undefined ? body : `${body.slice(0, -1)},"score":${score}}`;
}
