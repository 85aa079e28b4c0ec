/** What a back end may do with the keys of shared poll channels. */
import { checkKey } from "../broker/key_rules.ts";
import type { Node } from "../node/node.ts";
import { maxDataBytes } from "../node/publisher.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { isLonger } from "../protocol/utf8.ts";
import type { SharedPollPublishRequest } from "./requests.ts";

export class PollApi {
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  /**
   * Tells every node that is known now; one that does not hear of it has the value with its next
   * poll.
   */
  async publish(request: SharedPollPublishRequest): Promise<string> {
    const { channel, key, data, version, epoch } = request;
    const { sharedPoll } = this.#node.registry.rules(channel);
    if (sharedPoll === undefined) {
      throw new ProtocolError("notAvailable", "no shared poll in this namespace");
    }
    if (!sharedPoll.publishEnabled) {
      throw new ProtocolError("notAvailable", "this namespace does not have publishEnabled");
    }
    checkKey(key);
    const text = JSON.stringify(data);
    if (isLonger(text, maxDataBytes)) {
      throw new ProtocolError("limitExceeded", `data is larger than ${maxDataBytes} bytes`);
    }
    const publishing = { key, text, version, epoch };
    await this.#node.cluster.ask("shared_poll_publish", { channel, publishing });
    return "{}";
  }
}
