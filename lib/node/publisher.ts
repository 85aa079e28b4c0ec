/** Publishing by the rules: the namespace's type and limits are checked, then the broker has it. */
import type { Broker, Published, PublishOptions } from "../broker/broker.ts";
import type { ChannelRegistry, Namespace } from "../channels.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { ClientInfo, Tags } from "../protocol/publication.ts";

/** Bytes of UTF-8 that a publication's `data` may have as JSON text. */
export const maxDataBytes = 64 * 1024;
/** How long an idempotency key is remembered unless said otherwise. */
export const idempotencyTtlMs = 5 * 60_000;
/** UTF-16 units an idempotency key may have. */
export const maxKeyLength = 128;

export interface Publishing {
  readonly info?: ClientInfo;
  readonly tags?: Tags;
  /** "" or absent: none. */
  readonly idempotencyKey?: string | undefined;
  /** The user whose key it is: one client's keys are none of another's, nor the back end's. */
  readonly idempotencyOwner?: string;
  readonly idempotencyTtlMs?: number;
  /** Send it without keeping it, and without a position. */
  readonly skipHistory?: boolean;
}

export class Publisher {
  readonly #registry: ChannelRegistry;
  readonly #broker: Broker;
  readonly #count: () => void;

  /** @param count called for each new publication. */
  constructor(registry: ChannelRegistry, broker: Broker, count: () => void = () => {}) {
    this.#registry = registry;
    this.#broker = broker;
    this.#count = count;
  }

  /**
   * @param data a JSON value.
   * @throws ProtocolError 102, 106 (too large), 107 (not of the channel's type), 111.
   */
  async publish(channel: string, data: unknown, options: Publishing = {}): Promise<Published> {
    const rules = this.#registry.rules(channel);
    const text = JSON.stringify(data);
    if (text === undefined) throw new ProtocolError("badRequest", "data is missing");
    return await this.publishText(rules, channel, text, data, options);
  }

  /** The same with the rules looked up and the JSON text at hand. */
  async publishText(
    rules: Namespace,
    channel: string,
    text: string,
    data: unknown,
    options: Publishing = {},
  ): Promise<Published> {
    checkSize(text);
    checkType(rules, data);
    const key = options.idempotencyKey ?? "";
    if (key.length > maxKeyLength) {
      throw new ProtocolError("badRequest", `idempotency key is longer than ${maxKeyLength}`);
    }
    const publishOptions: PublishOptions = {
      retention: options.skipHistory ? null : rules.history,
      ...(key !== "" && {
        idempotency: {
          key: ownKey(key, options.idempotencyOwner),
          ttlMs: options.idempotencyTtlMs ?? idempotencyTtlMs,
        },
      }),
    };
    const draft = {
      data: text,
      ...(options.info && { info: options.info }),
      ...(options.tags && { tags: options.tags }),
    };
    const published = await this.#broker.publish(channel, draft, publishOptions);
    if (published.suppressed === null) this.#count();
    return published;
  }
}

function ownKey(key: string, owner: string | undefined): string {
  return owner === undefined ? `api ${key}` : `user ${owner.length} ${owner} ${key}`;
}

function checkSize(text: string): void {
  // A UTF-16 unit is at most 3 bytes of UTF-8: most texts need no encoding to be measured.
  if (text.length * 3 <= maxDataBytes) return;
  const bytes = text.length > maxDataBytes
    ? text.length
    : new TextEncoder().encode(text).byteLength;
  if (bytes > maxDataBytes) {
    throw new ProtocolError("limitExceeded", `data is larger than ${maxDataBytes} bytes`);
  }
}

function checkType(rules: Namespace, data: unknown): void {
  const checked = rules.data?.safeParse(data);
  if (checked === undefined || checked.success) return;
  const [issue] = checked.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : `.${issue.path.join(".")}`;
  throw new ProtocolError("badRequest", `data${where}: ${issue?.message ?? "of another type"}`);
}
